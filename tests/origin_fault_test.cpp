// The table of faults, the origin that has them, and what the client makes of each. What execution
// models make of them is in fault_conformance_test.cpp.
#include "concurrency_models/origin_fault.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "concurrency_models/origin_protocol.h"
#include "support/comes_true.h"
#include "support/deadlines.h"
#include "support/origin_program.h"
#include "support/run_program.h"
#include "support/scripted_server.h"
#include "support/test_origin.h"
#include "support/ways_to_fetch.h"

namespace concurrency_models {

/// How GoogleTest shows a parameter.
void PrintTo(const OriginFault& fault, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << fault.name;
}

namespace {

const OriginFaultPorts& fault_ports() {
  static const OriginFaultPorts ports = ask_fault_ports(test_client(), test_sites().front());
  return ports;
}

const OriginFault& fault_named(std::string_view name) {
  const OriginFault* const fault = find_origin_fault(name);
  if (fault == nullptr) throw std::logic_error("no fault " + std::string(name));
  return *fault;
}

TEST(OriginFaultTest, AllHaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const OriginFault& fault : origin_faults()) {
    EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
    EXPECT_TRUE(std::all_of(fault.name.begin(), fault.name.end(), [](unsigned char c) {
      return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_';
    })) << fault.name;
    EXPECT_EQ(find_origin_fault(fault.name), &fault);
  }
  EXPECT_GE(names.size(), 25U);
  EXPECT_EQ(find_origin_fault("nonsense"), nullptr);
  EXPECT_EQ(find_origin_fault(""), nullptr);
}

TEST(OriginFaultTest, SaysWhereAndAsWhatItIsReported) {
  EXPECT_EQ(fault_named("reset_in_body").reported_as(), "response body: Connection reset by peer");
  EXPECT_EQ(fault_named("certificate_expired").reported_as(),
            "TLS handshake: the server's certificate: certificate has expired");
  EXPECT_EQ(fault_named("close_after_accept").reported_as(),
            "TLS handshake (over http: response header): the connection was closed in the middle "
            "of a message");
  EXPECT_EQ(fault_named("unknown_length").reported_as(), "no error: the answer is complete");
}

TEST(OriginFaultTest, ExplainsItsOwnErrorOnly) {
  const OriginFault& fault = fault_named("close_after_accept");
  const auto truncated = make_error_code(Error::truncated);
  EXPECT_TRUE(fault.explains({.stage = Stage::handshake, .code = truncated}, true));
  EXPECT_FALSE(fault.explains({.stage = Stage::handshake, .code = truncated}, false));
  EXPECT_TRUE(fault.explains({.stage = Stage::header, .code = truncated}, false));
  EXPECT_FALSE(fault.explains({.stage = Stage::header, .code = truncated}, true));
  EXPECT_FALSE(fault.explains(
      {.stage = Stage::handshake, .code = make_error_code(Error::deadline_exceeded)}, true));
  EXPECT_FALSE(fault.explains({}, true));
  EXPECT_TRUE(fault_named("unknown_length").explains({}, true));
}

TEST(FaultyFetchTest, ChangesWhatTheFaultIsAskedBy) {
  const OriginFaultPorts ports = {{"refuse", 1234}};
  const Fetch site = test_sites()[3];
  Fetch expected = site;
  expected.url.port = 1234;
  expected.endpoint.port = 1234;
  EXPECT_EQ(faulty_fetch(site, fault_named("refuse"), ports).url, expected.url);
  EXPECT_EQ(faulty_fetch(site, fault_named("refuse"), ports).endpoint, expected.endpoint);
  expected = site;
  expected.url.host = "no_tls.fault.origin.test";
  EXPECT_EQ(faulty_fetch(site, fault_named("no_tls"), ports).url, expected.url);
  expected = site;
  expected.url.target += "&fault=status_500";
  EXPECT_EQ(faulty_fetch(site, fault_named("status_500"), ports).url, expected.url);
  EXPECT_EQ(faulty_fetch(site, fault_named("status_500"), ports).expected_bytes,
            site.expected_bytes);
}

void expect_refused(const Fetch& site, std::string_view fault, const std::string& reason) {
  try {
    static_cast<void>(faulty_fetch(site, fault_named(fault), {}));
    ADD_FAILURE() << fault;
  } catch (const std::invalid_argument& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find(reason), std::string::npos) << text;
    EXPECT_NE(text.find(fault), std::string::npos) << text;
  }
}

TEST(FaultyFetchTest, RefusesWhatCannotBe) {
  expect_refused(test_sites(0, false).front(), "certificate_expired", "https");
  expect_refused(test_sites(0, false).front(), "no_close_notify_unknown_length", "https");
  expect_refused(test_sites().front(), "refuse", "no port");
  Fetch small = test_sites().front();
  small.expected_bytes = 1;
  expect_refused(small, "wrong_content", "at least 2 bytes");
}

TEST(AskFaultPortsTest, AServerThatIsNoOriginIsAnErrorThatNamesIt) {
  const ScriptedServer server([](TestStream& peer) {
    (void)read_request(peer);
    peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  });
  try {
    static_cast<void>(ask_fault_ports(test_client(), server.fetch("scripted.test")));
    FAIL();
  } catch (const std::runtime_error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find(server.endpoint().text()), std::string::npos) << text;
    EXPECT_NE(text.find("404"), std::string::npos) << text;
    EXPECT_NE(text.find("is it an origin"), std::string::npos) << text;
  }
}

/// Each fault for both of the client's twins, over https and over http.
class ClientFaultTest : public testing::TestWithParam<std::tuple<OriginFault, WayToFetch, bool>> {};

TEST_P(ClientFaultTest, IsReportedAsTheTableSays) {
  const auto& [fault, way, secure] = GetParam();
  const Fetch site = test_sites(0, secure)[5];
  const Fetch fetch = faulty_fetch(site, fault, fault_ports());
  const auto run = [&, fetch_it = way.fetch](std::chrono::nanoseconds deadline) {
    return fetch_it(HttpClient({.ca_pem = test_origin().ca_pem(), .deadline = deadline}), fetch);
  };
  const Stage stage = secure ? fault.stages.first : fault.plain_stages.first;
  const bool stalls = fault.why == Error::deadline_exceeded;
  const FetchResult result = stalls ? let_deadline_pass_at(stage, run) : run(watchdog);
  EXPECT_TRUE(fault.explains(result.error, secure))
      << result.error.text() << " instead of " << fault.reported_as();
  EXPECT_EQ(result.bytes, fault.harmless() ? *site.expected_bytes : 0);
}

std::vector<OriginFault> faults(bool secure) {
  std::vector<OriginFault> faults(origin_faults().begin(), origin_faults().end());
  std::erase_if(faults, [&](const OriginFault& fault) { return fault.needs_tls && !secure; });
  return faults;
}

std::string test_name(const testing::TestParamInfo<ClientFaultTest::ParamType>& info) {
  return std::string(std::get<OriginFault>(info.param).name) + "_by_" +
         std::get<WayToFetch>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(OverTls, ClientFaultTest,
                         testing::Combine(testing::ValuesIn(faults(true)),
                                          testing::ValuesIn(ways_to_fetch()),
                                          testing::Values(true)),
                         test_name);
INSTANTIATE_TEST_SUITE_P(OverPlainHttp, ClientFaultTest,
                         testing::Combine(testing::ValuesIn(faults(false)),
                                          testing::ValuesIn(ways_to_fetch()),
                                          testing::Values(false)),
                         test_name);

// Where nothing is known of the body beforehand, the client's own limits are left.
TEST(ClientFaultTest, BodiesWithoutEndMeetTheLimitWhereNoneIsExpected) {
  for (const std::string_view name : {"endless_body", "endless_chunks", "body_of_10_gb"}) {
    Fetch fetch = faulty_fetch(test_sites().front(), fault_named(name), {});
    fetch.expected_bytes.reset();
    const FetchResult result = test_client().get(fetch);
    EXPECT_EQ(result.error.stage, Stage::body) << name;
    EXPECT_EQ(result.error.code, fault_named("body_of_10_gb").why) << name;
  }
}

std::size_t descriptors_of(const OriginProgram& origin) {
  const std::filesystem::path folder = "/proc/" + std::to_string(origin.pid()) + "/fd";
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

TEST(FaultyOriginTest, IsTheSameAfterwards) {
#if !defined(__linux__)
  GTEST_SKIP() << "nobody counts another process's descriptors here";
#endif
  const OriginProgram origin;
  const HttpClient client({.ca_pem = origin.ca_pem(), .deadline = short_deadline});
  std::vector<Fetch> sites = origin_fetches(true, origin.https(), 0);
  OriginFaultPorts ports;
  ASSERT_TRUE(comes_true([&] {
    try {
      ports = ask_fault_ports(client, sites.front());
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  }));
  const std::size_t before = descriptors_of(origin);
  for (const OriginFault& fault : origin_faults()) {
    static_cast<void>(client.get(faulty_fetch(sites.front(), fault, ports)));
  }
  // The connection that was asked for the ports may still have been among those before.
  EXPECT_TRUE(comes_true([&] { return descriptors_of(origin) <= before; }))
      << descriptors_of(origin) << " instead of " << before;
  EXPECT_TRUE(comes_true([&] { return !client.get(sites.back()).error; }));
}

TEST(FaultyOriginTest, MisbehavesTowardsNobodyElseMeanwhile) {
  std::vector<TestStream> streams;
  for (const std::string fault : {"stall_before_header", "trickle_body", "endless_body"}) {
    TestStream& stream =
        streams.emplace_back(TestStream::connect_to(loopback(test_origin().http_port())));
    ASSERT_TRUE(stream.send(get_request("/?bytes=100000&fault=" + fault)));
  }
  EXPECT_FALSE(test_client().get(test_sites().back()).error);
}

TEST(FaultyOriginTest, RefusesFaultsItDoesNotHave) {
  TestStream stream = TestStream::connect_to(loopback(test_origin().http_port()));
  for (const std::string target :
       {"/?bytes=9&fault=nonsense", "/?bytes=9&fault=", "/?bytes=9&fault=refuse",
        "/?bytes=1&fault=status_500", "/?fault=status_500"}) {
    EXPECT_EQ(get(stream, target).status, 400) << target;
  }
  Fetch nonsense = test_sites().front();
  for (const std::string name : {"nonsense", "", "status_500"}) {
    nonsense.url.host = name + std::string(origin_fault_domain);
    const JobError error = test_client().get(nonsense).error;
    EXPECT_EQ(error.stage, Stage::handshake) << error.text();
    EXPECT_EQ(error.code.message(), "tlsv1 unrecognized name");
  }
}

TEST(FaultyOriginTest, ListsItsFaultsAndHowToHaveThem) {
  Fetch fetch = test_sites().front();
  fetch.url.target = origin_faults_target;
  fetch.expected_bytes.reset();
  std::string text;
  ASSERT_FALSE(test_client().get_text(fetch, text).error);
  std::istringstream lines(text);
  for (const OriginFault& fault : origin_faults()) {
    std::string line;
    std::getline(lines, line);
    std::string expected(fault.name);
    switch (fault.asked_by) {
      case OriginFault::AskedBy::port:
        expected += " port " + std::to_string(fault_ports().at(expected));
        break;
      case OriginFault::AskedBy::server_name:
        expected += " server_name " + expected + ".fault.origin.test";
        break;
      case OriginFault::AskedBy::path:
        expected += " path &fault=" + expected;
        break;
    }
    EXPECT_EQ(line, expected);
  }
}

TEST(FaultyOriginTest, HelpListsAllFaults) {
  const ProgramResult help = run_program({CONCURRENCY_MODELS_ORIGIN, "--help"});
  for (const OriginFault& fault : origin_faults()) {
    const std::string name = "\n  " + std::string(fault.name) + ' ';
    EXPECT_NE(help.out.find(name), std::string::npos) << fault.name;
    EXPECT_NE(help.out.find(fault.what), std::string::npos) << fault.name;
  }
}

// What the documentation says is what the table says: a line for each, in its order.
TEST(OriginFaultTest, StandsInTheDocumentation) {
  // Which OpenSSL otherwise does when it is first used: before, its errors have numbers only.
  ASSERT_EQ(::OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr), 1);
  std::ifstream in(CONCURRENCY_MODELS_DOCS "/reliability.md");
  std::stringstream documentation;
  documentation << in.rdbuf();
  std::string table;
  for (const OriginFault& fault : origin_faults()) {
    table += "| `" + std::string(fault.name) + "` | " + std::string(fault.what) + " | " +
             fault.reported_as() + " |\n";
  }
  EXPECT_NE(documentation.str().find(table), std::string::npos)
      << "docs/reliability.md should have this table:\n"
      << table;
}

}  // namespace
}  // namespace concurrency_models
