// What clients cannot do to the origin: slow ones, oversized requests, too many of them; and what
// of it others could get at.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "concurrency_models/origin_fault.h"
#include "concurrency_models/origin_protocol.h"
#include "concurrency_models/standard_workloads.h"
#include "support/in_child.h"
#include "support/origin_program.h"
#include "support/own_network.h"
#include "support/run_program.h"
#include "support/sanitizers.h"
#include "support/temporary_directory.h"
#include "support/test_certificates.h"
#include "support/test_origin.h"

namespace concurrency_models {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t request_limit = 8192;

TestStream plain(const OriginProgram& origin) { return TestStream::connect_to(origin.http()); }

/// What a client does before it dawdles. Ends when the origin has had enough.
struct SlowClient {
  std::string name;
  std::function<void(const OriginProgram& origin)> dawdle;

  friend std::ostream& operator<<(std::ostream& out, const SlowClient& client) {
    return out << client.name;
  }
};

/// Sends one byte of `text` after the other for as long as the origin listens, and tells how many.
std::size_t trickle(TestStream& stream, const std::string& text) {
  constexpr auto between_bytes = 2ms;
  for (std::size_t sent = 0; sent < text.size(); ++sent) {
    if (!stream.send({&text[sent], 1}) || stream.readable_within(between_bytes)) return sent;
  }
  return text.size();
}

/// Shorter than the limit: it is its slowness that ends it.
void expect_trickle_ends(TestStream& stream, const std::string& text) {
  EXPECT_LT(trickle(stream, text), text.size()) << "nothing but its size can end this";
  stream.wait_for_end();
}

const std::string long_request =
    "GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(request_limit - 100, 'a');

TestStream secure(const OriginProgram& origin) {
  auto stream = origin.connect_tls("localhost");
  if (!stream) throw std::runtime_error("no TLS with the origin");
  return std::move(*stream);
}

std::string first_bytes_of_hello(std::size_t bytes) {
  // A record of 4 KiB with a ClientHello as long as that.
  return std::string("\x16\x03\x01\x10\x00\x01\x00\x0f\xfc\x03\x03", 11) + std::string(bytes, 'r');
}

const std::vector<SlowClient> slow_clients = {
    {"SaysNothing", [](const auto& origin) { plain(origin).wait_for_end(); }},
    {"SendsHalfAHeader",
     [](const auto& origin) {
       TestStream stream = plain(origin);
       stream.send("GET / HTTP/1.1\r\nHost: ");
       stream.wait_for_end();
     }},
    {"TricklesAHeader",
     [](const auto& origin) {
       TestStream stream = plain(origin);
       expect_trickle_ends(stream, long_request);
     }},
    {"KeepsAConnectionAndSaysNoMore",
     [](const auto& origin) {
       TestStream stream = plain(origin);
       EXPECT_EQ(get(stream, "/?bytes=5").body.size(), 5U);
       stream.wait_for_end();
     }},
    {"SendsHalfASecondHeader",
     [](const auto& origin) {
       TestStream stream = plain(origin);
       stream.send(get_request("/?bytes=5") + "GET /");
       EXPECT_EQ(read_answer(stream).body.size(), 5U);
       stream.wait_for_end();
     }},
    {"BeginsNoHandshake",
     [](const auto& origin) { TestStream::connect_to(origin.https()).wait_for_end(); }},
    {"SendsHalfAHello",
     [](const auto& origin) {
       TestStream stream = TestStream::connect_to(origin.https());
       stream.send(first_bytes_of_hello(100));
       stream.wait_for_end();
     }},
    {"TricklesAHello",
     [](const auto& origin) {
       TestStream stream = TestStream::connect_to(origin.https());
       expect_trickle_ends(stream, first_bytes_of_hello(4000));
     }},
    {"SaysNothingAfterTheHandshake", [](const auto& origin) { secure(origin).wait_for_end(); }},
    {"TakesNoAnswer",
     [](const auto& origin) {
       TestStream stream = plain(origin);
       stream.send(get_request(origin_target(0us, max_origin_bytes)));
       stream.wait_for_reset();  // a mere end would leave megabytes in the system's buffers
     }},
    {"TakesNoAnswerOverTls",
     [](const auto& origin) {
       TestStream stream = secure(origin);
       stream.send(get_request(origin_target(0us, max_origin_bytes)));
       stream.wait_for_reset();
     }},
};

class SlowClientTest : public testing::TestWithParam<SlowClient> {};

TEST_P(SlowClientTest, IsDroppedAndNobodyElseIs) {
  OriginProgram origin({"--request-timeout", "0.2", "--answer-timeout", "86400"});
  TestStream other = plain(origin);
  ASSERT_TRUE(other.send(get_request(origin_target(1s, 7))));
  GetParam().dawdle(origin);
  EXPECT_EQ(read_answer(other).body.size(), 7U) << "a delay is no slowness of the client's";
}

INSTANTIATE_TEST_SUITE_P(Clients, SlowClientTest, testing::ValuesIn(slow_clients),
                         [](const auto& each) { return each.param.name; });

class AnswerTimeoutTest : public testing::TestWithParam<std::string> {};

TEST_P(AnswerTimeoutTest, EndsAnAnswerThatIsBeingTaken) {
  const OriginProgram origin({"--request-timeout", "86400", "--answer-timeout", "0.2"});
  TestStream stream = plain(origin);
  stream.send(get_request("/?bytes=1000&fault=" + GetParam()));
  std::uint64_t taken = 0;
  constexpr std::uint64_t all = std::uint64_t{10} << 30;
  for (std::string part = stream.read_some(); !part.empty(); part = stream.read_some()) {
    taken += part.size();
  }
  EXPECT_LT(taken, all) << "nothing but its size can end this";
}

INSTANTIATE_TEST_SUITE_P(Faults, AnswerTimeoutTest,
                         testing::Values("stall_before_header", "stall_in_body", "trickle_body",
                                         "trickle_header", "endless_body"));

TEST(AnswerTimeoutTest, EndsFaultsOfConnectionsAndHandshakes) {
  const OriginProgram origin({"--request-timeout", "86400", "--answer-timeout", "0.2"});
  const HttpClient client({.ca_pem = origin.ca_pem()});
  const auto ports = ask_fault_ports(client, origin_fetches(true, origin.https(), 0).front());
  TestStream::connect_to(loopback(ports.at("stall_after_accept"))).wait_for_end();
  TestStream::connect_to(loopback(ports.at("close_after_accept"))).wait_for_end();
  EXPECT_FALSE(origin.connect_tls("stall_in_handshake.fault.origin.test"));
}

/// Whether a request gets no answer at all, and the origin still answers others.
void expect_dropped(const OriginProgram& origin, const std::string& request) {
  TestStream stream = plain(origin);
  stream.send(request);
  EXPECT_EQ(stream.read_to_end(), "") << request.substr(0, 100);
  TestStream other = plain(origin);
  EXPECT_EQ(get(other, "/?bytes=1").body.size(), 1U);
}

TEST(OversizedRequestTest, IsDropped) {
  const OriginProgram origin;
  const std::string filler(request_limit, 'a');
  expect_dropped(origin, get_request("/?" + filler));
  expect_dropped(origin, filler + " / HTTP/1.1\r\n\r\n");
  expect_dropped(origin, get_request("/", "X: " + filler + "\r\n"));
  expect_dropped(origin, get_request("/", filler + ": x\r\n"));
  std::string many_fields;
  while (many_fields.size() < request_limit) many_fields += "a:\r\n";
  expect_dropped(origin, get_request("/", many_fields));
  // Without an end: what is parsed already must count, or fields fill its memory.
  TestStream endless = plain(origin);
  endless.send("GET / HTTP/1.1\r\n");
  std::uint64_t sent = 0;
  constexpr std::uint64_t too_much = std::uint64_t{64} << 20;
  while (sent < too_much && endless.send(many_fields)) sent += many_fields.size();
  EXPECT_LT(sent, too_much);
  // In one piece with a request that is none too long.
  TestStream stream = plain(origin);
  stream.send(get_request("/?bytes=3") + get_request("/", many_fields));
  EXPECT_EQ(read_answer(stream).body.size(), 3U);
  EXPECT_EQ(stream.read_to_end(), "");
}

TEST(OversizedRequestTest, ABodyIsTooLargeWhateverItsSize) {
  const OriginProgram origin;
  expect_dropped(origin, get_request("/", "Content-Length: 1\r\n") + "x");
  expect_dropped(origin, get_request("/", "Content-Length: 1\r\nExpect: 100-continue\r\n"));
  expect_dropped(origin, get_request("/", "Content-Length: 18446744073709551615\r\n"));
  expect_dropped(origin, get_request("/", "Content-Length: 99999999999999999999999\r\n"));
  expect_dropped(origin, get_request("/", "Content-Length: -1\r\n"));
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  expect_dropped(origin, get_request("/", chunked) + "1\r\nx\r\n0\r\n\r\n");
  // What frames a body could be endless as well.
  expect_dropped(origin, get_request("/", chunked) + "0;" + std::string(request_limit, 'a'));
  expect_dropped(origin, get_request("/", chunked) + "0\r\nX: " + std::string(request_limit, 'a'));
}

// RFC 9112, 6.3: two lengths are how requests are smuggled past one reader to another.
TEST(OversizedRequestTest, TwoLengthsAreNone) {
  const OriginProgram origin;
  expect_dropped(origin, get_request("/", "Content-Length: 0\r\nContent-Length: 5\r\n"));
  expect_dropped(origin, get_request("/", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") +
                             "0\r\n\r\n");
}

#if defined(__linux__)
std::int64_t resident_kb(pid_t pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  for (std::string word; in >> word;) {
    std::int64_t kb = 0;
    if (word == "VmRSS:" && in >> kb) return kb;
  }
  throw std::runtime_error("no resident size in /proc");
}

TEST(OversizedRequestTest, UnfinishedOnesTakeLittleMemory) {
  if (address_sanitizer || thread_sanitizer) GTEST_SKIP() << "they keep much more";
  const OriginProgram origin;
  TestStream first = plain(origin);
  ASSERT_EQ(get(first, "/?bytes=1").status, 200);
  const std::int64_t before = resident_kb(origin.pid());
  constexpr std::int64_t clients = 200;
  std::vector<TestStream> streams;
  const std::string more(std::size_t{1} << 20, 'a');
  for (std::int64_t i = 0; i < clients; ++i) {
    streams.push_back(secure(origin));
    streams.back().send(long_request);
    // And one that goes on after it was dropped.
    plain(origin).send(long_request + more);
  }
  ASSERT_EQ(get(first, "/?bytes=1").status, 200) << "it has come to them all";
  constexpr std::int64_t kb_for_each = 100;  // most of it OpenSSL's
  EXPECT_LT(resident_kb(origin.pid()) - before, clients * kb_for_each);
}
#endif

TEST(ConnectionLimitTest, OthersWaitUntilSomeEnd) {
  const OriginProgram origin({"--max-connections", "3"});
  std::vector<TestStream> within;
  for (int i = 0; i < 3; ++i) {
    within.push_back(plain(origin));
    ASSERT_EQ(get(within.back(), "/?bytes=1").body.size(), 1U);
  }
  TestStream beyond = plain(origin);
  ASSERT_TRUE(beyond.send(get_request("/?bytes=2")));
  for (int i = 0; i < 100; ++i) ASSERT_EQ(get(within.front(), "/?bytes=1").status, 200);
  EXPECT_FALSE(beyond.readable_within(0ms)) << "it was let in";
  within.pop_back();
  EXPECT_EQ(read_answer(beyond).body.size(), 2U);
}

TEST(ExposureTest, LoopbackIsNothingToWarnOf) {
  for (const std::string address : {"127.0.0.1", "127.1.2.3", "::ffff:127.0.0.1"}) {
    OriginProgram origin({"--address", address});
    origin.program().close_input();
    const ProgramResult result = origin.program().finish();
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.err, "") << address;
  }
}

#if defined(__linux__)
TEST(ExposureTest, AnyOtherAddressIsWarnedOfInOneLine) {
  struct Case {
    std::string listens;
    std::string network;  ///< where it has this address, and nobody else is
  };
  for (const Case& each : {Case{"0.0.0.0", "127.0.0.1"}, Case{"192.0.2.7", "192.0.2.7"}}) {
    constexpr int not_permitted = 77;
    const int status = in_child([&each] {
      if (!enter_own_network(each.network)) return not_permitted;
      OriginProgram origin({"--address", each.listens});
      origin.program().close_input();
      const ProgramResult result = origin.program().finish();
      const std::string expected =
          "origin: warning: others than this computer can reach it at " + each.listens + ", ";
      const bool one_line = result.err.find('\n') == result.err.size() - 1;
      if (result.status == 0 && result.err.starts_with(expected) && one_line) return 0;
      std::cerr << each.listens << ": " << result.err << '\n';
      return 1;
    });
    if (WIFEXITED(status) && WEXITSTATUS(status) == not_permitted) GTEST_SKIP();
    EXPECT_EQ(status, 0);
  }
}

/// Whether this program, killed by SIGABRT, left its memory behind.
bool dumps_core(RunningProgram& program) {
  program.send_signal(SIGABRT);
  siginfo_t ended{};
  if (::waitid(P_PID, static_cast<id_t>(program.pid()), &ended, WEXITED | WNOWAIT) != 0) {
    throw std::runtime_error("nothing is known of a program that was killed");
  }
  EXPECT_EQ(ended.si_status, SIGABRT);
  return ended.si_code == CLD_DUMPED;
}

TEST(ExposureTest, ItsKeysGoIntoNoCoreDump) {
  const TemporaryDirectory directory;
  const std::string dumping = "cd '" + directory.file("") + "' && ulimit -c unlimited && exec ";
  RunningProgram any({"sh", "-c", dumping + "sh -c 'echo ready; read -r line'"});
  ASSERT_EQ(any.read_until("\n"), "ready\n");
  if (!dumps_core(any)) GTEST_SKIP() << "nothing dumps core here";
  OriginProgram origin("sh", {"-c", dumping + "\"$0\"", CONCURRENCY_MODELS_ORIGIN});
  EXPECT_FALSE(dumps_core(origin.program()));
}
#endif

}  // namespace
}  // namespace concurrency_models
