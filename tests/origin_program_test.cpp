// How the origin program starts and ends. What it answers is in origin_test.cpp.
#include "support/origin_program.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "concurrency_models/origin_fault.h"
#include "concurrency_models/origin_protocol.h"
#include "concurrency_models/shared_array.h"
#include "concurrency_models/standard_workloads.h"
#include "support/comes_true.h"
#include "support/coverage.h"
#include "support/in_child.h"
#include "support/run_program.h"
#include "support/sanitizers.h"
#include "support/scripted_server.h"
#include "support/temporary_directory.h"
#include "support/test_certificates.h"

namespace concurrency_models {
namespace {

const std::string origin_path = CONCURRENCY_MODELS_ORIGIN;

ProgramResult run_origin(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), origin_path);
  return run_program(arguments);
}

void expect_one_line(const std::string& text) {
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  EXPECT_TRUE(text.ends_with('\n')) << text;
  EXPECT_TRUE(text.starts_with("origin: ")) << text;
}

bool answers(const OriginProgram& origin) {
  TestStream stream = TestStream::connect_to(origin.http());
  return get(stream, "/?bytes=5").body.size() == 5;
}

TEST(OriginCommandLineTest, HelpListsTheOptionsAndStartsNothing) {
  const ProgramResult help = run_origin({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.err, "");
  for (const std::string option :
       {"--address", "--https-port", "--http-port", "--host-name", "--ca-file", "--request-timeout",
        "--answer-timeout", "--max-connections", "--stay"}) {
    EXPECT_NE(help.out.find(option), std::string::npos) << option;
  }
  EXPECT_EQ(help.out.find("BEGIN CERTIFICATE"), std::string::npos);
}

struct Refused {
  std::vector<std::string> arguments;
  std::vector<std::string> says;  ///< parts of the message
};

std::ostream& operator<<(std::ostream& out, const Refused& refused) {
  return out << testing::PrintToString(refused.arguments);
}

class OriginUsageTest : public testing::TestWithParam<Refused> {};

TEST_P(OriginUsageTest, IsRefusedInOneLineThatSaysWhatIsAccepted) {
  const ProgramResult result = run_origin(GetParam().arguments);
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.out, "");
  expect_one_line(result.err);
  for (const std::string& part : GetParam().says) {
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err << "lacks: " << part;
  }
  EXPECT_NE(result.err.find("origin --help"), std::string::npos) << result.err;
}

const std::string from_0 = "must be a whole number from 0 to 65535";
const std::string from_1 = "must be a whole number from 1 to 10000000";
const std::string some_seconds = "must be seconds from 0.001 to 86400";
const std::string a_name = "must be a host name such as example.test";

INSTANTIATE_TEST_SUITE_P(
    Arguments, OriginUsageTest,
    testing::Values(
        Refused{{"--unknown"}, {"--unknown"}}, Refused{{"argument"}, {"argument"}},
        Refused{{"--https-port"}, {"--https-port", "missing"}},
        Refused{{"--https-port", "65536"}, {"--https-port: '65536'", from_0}},
        Refused{{"--https-port", "70000"}, {"--https-port: '70000'", from_0}},
        Refused{{"--https-port", "-1"}, {"--https-port: '-1'", from_0}},
        Refused{{"--https-port", ""}, {"--https-port: ''", from_0}},
        Refused{{"--http-port", "http"}, {"--http-port: 'http'", from_0}},
        Refused{{"--http-port", "80x"}, {"--http-port: '80x'", from_0}},
        Refused{{"--http-port", "1", "--http-port", "2"}, {"--http-port", "1"}},
        Refused{{"--stay=maybe"}, {"--stay: 'maybe'", "must be true or false"}},
        Refused{{"--ca-file"}, {"--ca-file", "missing"}},
        Refused{{"--request-timeout", "0"}, {"--request-timeout: '0'", some_seconds}},
        Refused{{"--request-timeout", "-1"}, {"--request-timeout: '-1'", some_seconds}},
        Refused{{"--request-timeout", "nan"}, {"--request-timeout: 'nan'", some_seconds}},
        Refused{{"--answer-timeout", "1e9"}, {"--answer-timeout: '1e9'", some_seconds}},
        Refused{{"--answer-timeout", "5s"}, {"--answer-timeout: '5s'", some_seconds}},
        Refused{{"--max-connections", "0"}, {"--max-connections: '0'", from_1}},
        Refused{{"--max-connections", "1.5"}, {"--max-connections: '1.5'", from_1}},
        Refused{{"--host-name"}, {"--host-name", "missing"}},
        Refused{{"--host-name", ""}, {"--host-name: ''", a_name}},
        Refused{{"--host-name", "one.test", "--host-name", "*.test"},
                {"--host-name: '*.test'", a_name}},
        Refused{{"--host-name", "a,IP:192.0.2.1"}, {"--host-name: 'a,IP:192.0.2.1'", a_name}},
        Refused{{"--host-name", std::string(254, 'a')}, {"--host-name", a_name}}));

TEST(OriginCommandLineTest, APortInUseIsAnErrorThatNamesIt) {
  const ScriptedServer occupant([](TestStream&) {});
  const std::string port = std::to_string(occupant.endpoint().port);
  for (const std::string option : {"--https-port", "--http-port"}) {
    const ProgramResult result = run_origin({"--stay", option, port});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.out, "") << "it is not ready";
    expect_one_line(result.err);
    EXPECT_NE(result.err.find("port " + port), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("Address already in use"), std::string::npos) << result.err;
  }
}

TEST(OriginCommandLineTest, ListensWhereItIsTold) {
  // Ports that were free a moment ago; whoever takes them in between makes one more round.
  for (int round = 0; round < 10; ++round) {
    std::string https;
    std::string http;
    {
      const ScriptedServer first([](TestStream&) {});
      const ScriptedServer second([](TestStream&) {});
      https = std::to_string(first.endpoint().port);
      http = std::to_string(second.endpoint().port);
    }
    RunningProgram program({origin_path, "--https-port", https, "--http-port", http});
    try {
      const Announcement said = read_announcement(program);
      EXPECT_EQ(std::to_string(said.https.port), https);
      EXPECT_EQ(std::to_string(said.http.port), http);
      return;
    } catch (const std::runtime_error&) {
      ASSERT_NE(program.finish().err.find("Address already in use"), std::string::npos);
    }
  }
}

TEST(OriginCommandLineTest, AnAddressThatIsNoneIsAnError) {
  for (const std::string address : {"nonsense", "256.0.0.1", "", "203.0.113.1"}) {
    const ProgramResult result = run_origin({"--stay", "--address", address});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.out, "") << "it is not ready";
    expect_one_line(result.err);
    EXPECT_NE(result.err.find("cannot listen on " + address + " port"), std::string::npos)
        << result.err;
  }
}

TEST(OriginCommandLineTest, WritesItsAuthorityToAFileAsWell) {
  const TemporaryDirectory directory;
  OriginProgram origin({"--ca-file", directory.file("ca.pem")});
  EXPECT_EQ(directory.read("ca.pem"), origin.ca_pem());
}

TEST(OriginCommandLineTest, AnUnwritableCaFileIsAnErrorThatNamesIt) {
  const ProgramResult result = run_origin({"--stay", "--ca-file", "/nowhere/ca.pem"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.out, "");
  expect_one_line(result.err);
  EXPECT_NE(result.err.find("/nowhere/ca.pem"), std::string::npos) << result.err;
}

TEST(OriginCommandLineTest, TakesOtherHostNamesInsteadOfItsOwn) {
  const OriginProgram origin({"--host-name", "one.test", "--host-name", "two.test"});
  EXPECT_TRUE(origin.connect_tls("one.test"));
  EXPECT_TRUE(origin.connect_tls("two.test"));
  EXPECT_TRUE(origin.connect_tls("localhost"));
  EXPECT_FALSE(origin.connect_tls("host01.origin.test"));
}

TEST(OriginProgramTest, SaysItsPortsAndItsAuthorityAndNothingElse) {
  OriginProgram origin;
  EXPECT_NE(origin.http().port, 0);
  EXPECT_NE(origin.https().port, 0);
  EXPECT_NE(origin.http().port, origin.https().port);
  EXPECT_TRUE(answers(origin)) << "who is told the ports may use them at once";
  origin.program().close_input();
  const ProgramResult result = origin.program().finish();
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "");
}

#if defined(__linux__)
/// Local addresses that something listens on at `port`, as /proc has them: "0100007F:1F90".
std::vector<std::string> listening_at(std::uint16_t port) {
  std::ostringstream suffix;
  suffix << ':' << std::hex << std::uppercase << std::setw(4) << std::setfill('0') << port;
  const std::string listens = "0A";
  std::vector<std::string> found;
  for (const std::string file : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      std::istringstream words(line);
      std::string number;
      std::string local;
      std::string remote;
      std::string state;
      words >> number >> local >> remote >> state;
      if (state == listens && local.ends_with(suffix.str())) found.push_back(local);
    }
  }
  return found;
}

TEST(OriginProgramTest, ListensOnLoopbackOnly) {
  const OriginProgram origin;
  const HttpClient client({.ca_pem = origin.ca_pem()});
  std::vector<std::uint16_t> ports = {origin.http().port, origin.https().port};
  for (const auto& [fault, port] :
       ask_fault_ports(client, origin_fetches(true, origin.https(), 0).front())) {
    if (fault != "refuse") ports.push_back(port);
  }
  ASSERT_GT(ports.size(), 2U);
  for (const std::uint16_t port : ports) {
    const std::vector<std::string> addresses = listening_at(port);
    ASSERT_EQ(addresses.size(), 1U);
    EXPECT_TRUE(addresses[0].starts_with("0100007F:")) << addresses[0];
  }
}

TEST(OriginProgramTest, WritesNoFile) {
  if (counts_lines) GTEST_SKIP() << "it writes what it counts";
  if (thread_sanitizer) GTEST_SKIP() << "ThreadSanitizer writes a file at each start";
  const TemporaryDirectory directory;
  const std::string trace = directory.file("trace");
  const std::string work = directory.file("work");
  std::filesystem::create_directory(work);
  if (run_program({"/usr/bin/env", "strace", "-o", trace, "true"}).status != 0) {
    GTEST_SKIP() << "strace is not installed or not allowed here";
  }
  {
    OriginProgram origin("env",
                         {"--chdir=" + work, "HOME=" + work, "TMPDIR=" + work,
                          // LeakSanitizer cannot look at a program that is being traced.
                          "ASAN_OPTIONS=detect_leaks=0", "strace", "-f", "-o", trace, "-e",
                          "trace=open,openat,openat2,creat,rename,link,memfd_create", origin_path});
    ASSERT_TRUE(origin.connect_tls("localhost"));
    origin.program().close_input();
    ASSERT_EQ(origin.program().finish().status, 0);
  }
  EXPECT_TRUE(std::filesystem::is_empty(work));
  std::istringstream calls(directory.read("trace"));
  std::size_t opened = 0;
  for (std::string call; std::getline(calls, call);) {
    if (call.find("= -1 ") != std::string::npos) continue;
    if (call.find("open") != std::string::npos) ++opened;
    for (const std::string writing : {"O_WRONLY", "O_RDWR", "O_CREAT", "creat(", "memfd_create("}) {
      EXPECT_EQ(call.find(writing), std::string::npos) << call;
    }
  }
  EXPECT_GT(opened, 0U) << "the trace shows nothing, not even its libraries";
}
#endif

TEST(OriginProgramTest, LeavesWhenItsInputEnds) {
  OriginProgram origin;
  TestStream idle = TestStream::connect_to(origin.http());
  TestStream waiting = TestStream::connect_to(origin.http());
  waiting.send(get_request(origin_target(max_origin_delay, 1)));
  ASSERT_TRUE(answers(origin));
  origin.program().close_input();
  EXPECT_EQ(origin.program().finish().status, 0) << "whoever is connected";
  EXPECT_THROW((void)TestStream::connect_to(origin.http()), std::system_error);
}

class OriginSignalTest : public testing::TestWithParam<int> {};

TEST_P(OriginSignalTest, EndsIt) {
  OriginProgram origin({"--stay"});
  ASSERT_TRUE(answers(origin));
  origin.program().send_signal(GetParam());
  const ProgramResult result = origin.program().finish();
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
}

INSTANTIATE_TEST_SUITE_P(Signals, OriginSignalTest, testing::Values(SIGINT, SIGTERM));

TEST(OriginProgramTest, StaysIfItIsTold) {
  OriginProgram origin({"--stay"});
  origin.program().close_input();
  // An origin that watched its input would see the end before these connections.
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(answers(origin));
  origin.program().send_signal(SIGTERM);
  EXPECT_EQ(origin.program().finish().status, 0);
}

TEST(OriginProgramTest, WithoutAnInputItLeavesAtOnceAndSaysWhy) {
  // run_program gives it /dev/null.
  const ProgramResult result = run_origin({});
  EXPECT_EQ(result.status, 2);
  expect_one_line(result.err);
  EXPECT_NE(result.err.find("--stay"), std::string::npos) << result.err;
}

TEST(OriginProgramTest, LeavesWhenItsParentIsKilled) {
  Pipe lifeline = make_pipe();
  SharedArray<std::uint16_t> port(1);
  const int status = in_child([&] {
    // Not closed on exec: the origin keeps this descriptor for as long as it runs.
    const FileDescriptor held(::dup(lifeline.write.get()));
    OriginProgram origin;
    port[0] = origin.http().port;
    if (!answers(origin)) return 1;
    return ::raise(SIGKILL);
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  lifeline.write.close();
  constexpr auto limit = std::chrono::milliseconds(watchdog);
  pollfd wanted{.fd = lifeline.read.get(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&wanted, 1, static_cast<int>(limit.count())), 1) << "the origin lives on";
  EXPECT_THROW((void)TestStream::connect_to(loopback(port[0])), std::system_error);
}

/// Room for this many connections at the test's own end.
bool raise_descriptor_limit(rlim_t descriptors) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  if (limit.rlim_cur >= descriptors) return true;
  limit.rlim_cur = descriptors;
  return limit.rlim_max >= descriptors && ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

TEST(OriginProgramTest, ServesThousandsOfConnectionsAtOnce) {
  constexpr std::size_t connections = 2000;
  if (!raise_descriptor_limit(connections + 100)) GTEST_SKIP() << "no descriptors to be had";
  // Started with few descriptors, it helps itself to more.
  OriginProgram origin("sh", {"-c", "ulimit -Sn 256; exec \"$0\"", origin_path});
  std::vector<TestStream> streams;
  for (std::size_t i = 0; i < connections; ++i) {
    streams.push_back(TestStream::connect_to(origin.http()));
    ASSERT_TRUE(streams.back().send(get_request(origin_target({}, i))));
  }
  for (std::size_t i = 0; i < connections; ++i) {
    const Answer answer = read_answer(streams[i]);
    ASSERT_EQ(answer.body.size(), i);
    ASSERT_TRUE(matches_origin_pattern(0, answer.body));
  }
  // All are still open.
  for (TestStream& stream : streams) ASSERT_EQ(get(stream, "/?bytes=1").body.size(), 1U);
}

TEST(OriginProgramTest, ServesHundredsOfTlsConnectionsAtOnce) {
  constexpr std::size_t connections = 300;
  if (!raise_descriptor_limit(connections + 100)) GTEST_SKIP() << "no descriptors to be had";
  OriginProgram origin;
  std::vector<TestStream> streams;
  for (std::size_t i = 0; i < connections; ++i) {
    auto stream = origin.connect_tls("localhost");
    ASSERT_TRUE(stream) << i;
    streams.push_back(std::move(*stream));
  }
  for (TestStream& stream : streams) ASSERT_EQ(get(stream, "/?bytes=77").body.size(), 77U);
}

TEST(OriginProgramTest, ThoseItHasNoDescriptorForAreReset) {
  if (address_sanitizer) GTEST_SKIP() << "its checks need descriptors themselves";
  constexpr std::size_t connections = 100;
  OriginProgram origin("sh", {"-c", "ulimit -n 64; exec \"$0\"", origin_path});
  std::vector<TestStream> streams;
  for (std::size_t i = 0; i < connections; ++i) {
    streams.push_back(TestStream::connect_to(origin.http()));
  }
  EXPECT_EQ(get(streams.front(), "/?bytes=1").body.size(), 1U);
  EXPECT_EQ(streams.back().read_to_end(), "");
  streams.clear();
  EXPECT_TRUE(comes_true([&origin] { return answers(origin); }));
}

TEST(OriginProgramTest, RefusesTls1_1WhateverTheSystemAllows) {
  const TemporaryDirectory directory;
  const std::string lax = directory.write("openssl.cnf", lax_openssl_configuration());
  OriginProgram origin("env", {"OPENSSL_CONF=" + lax, origin_path});
  const TestContext old = trusting_client();
  allow_only_tls_1_1(old.get());
  TestSsl ssl(::SSL_new(old.get()));
  ::SSL_set_connect_state(ssl.get());
  TestStream stream = TestStream::connect_to(origin.https());
  EXPECT_FALSE(stream.start_tls(std::move(ssl)));
  EXPECT_EQ(stream.tls_error(), "tlsv1 alert protocol version");
  EXPECT_TRUE(origin.connect_tls("localhost")) << "it refuses everybody";
}

}  // namespace
}  // namespace concurrency_models
