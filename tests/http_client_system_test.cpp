// What the client asks of the system: which calls it makes, on how many threads and processes it
// works, and what it does when something runs out.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <exception>
#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "concurrency_models/http_client.h"
#include "concurrency_models/shared_array.h"
#include "socket_address.h"
#include "support/deadlines.h"
#include "support/in_child.h"
#include "support/leftovers.h"
#include "support/own_network.h"
#include "support/run_program.h"
#include "support/sanitizers.h"
#include "support/scripted_server.h"
#include "support/temporary_directory.h"
#include "support/test_certificates.h"
#include "support/test_origin.h"
#include "support/ways_to_fetch.h"

namespace concurrency_models {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;

error_code system_error(int number) { return {number, boost::system::system_category()}; }

/// Fetches on the caller's loop; what came of it is there when the loop has run.
void start_fetch(boost::asio::io_context& loop, const HttpClient& client, const Fetch& fetch,
                 FetchResult& result) {
  boost::asio::co_spawn(loop, client.async_get(fetch),
                        [&result](const std::exception_ptr& exception, FetchResult got) {
                          if (exception) std::rethrow_exception(exception);
                          result = got;
                        });
}

#if defined(__linux__)
class FetchOnceTest : public testing::Test {
 protected:
  [[nodiscard]] std::string url(bool secure) const {
    OriginProcess& origin = test_origin();
    return secure ? "https://127.0.0.1:" + std::to_string(origin.https_port()) + "/?bytes=100000"
                  : "http://127.0.0.1:" + std::to_string(origin.http_port()) + "/?bytes=100000";
  }

  /// The system calls of a client program that fetches once.
  [[nodiscard]] std::string trace(const std::string& way, bool secure) const {
    const std::string file = directory.file("trace");
    const ProgramResult result = run_program(
        // LeakSanitizer cannot look at a program that is being traced.
        {"/usr/bin/env", "ASAN_OPTIONS=detect_leaks=0", "strace", "-f", "-o", file, "-e",
         "trace=%network,/poll,/^epoll,/select,/^clone,/^fork,/^vfork,/^io_uring",
         CONCURRENCY_MODELS_FETCH_ONCE, way, url(secure), ca_file});
    EXPECT_EQ(result.out, "100000 bytes\n") << result.err;
    return directory.read("trace");
  }

  static bool can_trace() {
    return run_program({"/usr/bin/env", "strace", "-o", "/dev/null", "true"}).status == 0;
  }

  TemporaryDirectory directory;
  const std::string ca_file = directory.write("ca.pem", test_origin().ca_pem());
};

TEST_F(FetchOnceTest, TheBlockingGetBlocksInPollAndRunsNoEventLoop) {
  if (!can_trace()) GTEST_SKIP() << "strace is not installed or not allowed here";
  for (const bool secure : {false, true}) {
    const std::string blocking = trace("get", secure);
    EXPECT_EQ(blocking.find("epoll"), std::string::npos) << blocking;
    EXPECT_EQ(blocking.find("select"), std::string::npos) << blocking;
    EXPECT_EQ(blocking.find("io_uring"), std::string::npos) << blocking;
    EXPECT_NE(blocking.find("poll("), std::string::npos) << blocking;
    EXPECT_NE(blocking.find("TCP_NODELAY"), std::string::npos) << blocking;
    // Its twin shows that an event loop would have been seen.
    EXPECT_NE(trace("async_get", secure).find("epoll"), std::string::npos);
  }
}

TEST_F(FetchOnceTest, NeitherTwinStartsAThreadOrAProcess) {
  if (!can_trace()) GTEST_SKIP() << "strace is not installed or not allowed here";
  if (thread_sanitizer) GTEST_SKIP() << "ThreadSanitizer has a thread of its own";
  for (const std::string way : {"get", "async_get"}) {
    const std::string calls = trace(way, true);
    EXPECT_EQ(calls.find("clone"), std::string::npos) << calls;
    EXPECT_EQ(calls.find("fork"), std::string::npos) << calls;
  }
}

TEST_F(FetchOnceTest, RefusesTls1_1WhateverTheSystemAllows) {
  const TestAuthority authority("an authority");
  const TestContext tls = authority.server({.names = "IP:127.0.0.1"});
  allow_only_tls_1_1(tls.get());
  unsigned shaken_hands = 0;
  ScriptedServer server([&shaken_hands](TestStream&) { ++shaken_hands; },
                        {.tls = tls.get(), .v6 = false});
  const std::string address = "https://" + server.endpoint().text() + "/";
  const std::string lax = directory.write("openssl.cnf", lax_openssl_configuration());
  const std::string ca = directory.write("other.pem", authority.pem());
  for (const std::string way : {"get", "async_get"}) {
    const ProgramResult result = run_program(
        {"/usr/bin/env", "OPENSSL_CONF=" + lax, CONCURRENCY_MODELS_FETCH_ONCE, way, address, ca});
    EXPECT_EQ(result.status, 1);
    EXPECT_TRUE(result.out.starts_with("TLS handshake: ")) << result.out;
  }
  server.stop();
  EXPECT_EQ(server.connections(), 2U);
  EXPECT_EQ(shaken_hands, 0U);
}

bool narrow_port_range() {
  std::ofstream range("/proc/sys/net/ipv4/ip_local_port_range");
  range << "40000 40003" << std::flush;
  return range.good();
}

TEST(PortsTest, RunningOutOfThemIsAnErrorAtConnect) {
  const HttpClient client = test_client();
  const auto ways = ways_to_fetch();
  SharedArray<FetchResult> results(ways.size());
  constexpr int not_permitted = 77;
  const int status = in_child([&] {
    if (!enter_own_network()) return not_permitted;
    ScriptedServer server([](TestStream& peer) { peer.wait_for_end(); });
    if (!narrow_port_range()) return not_permitted;
    std::vector<TestStream> taken;
    constexpr std::size_t far_more_than_there_are = 100;
    try {
      while (taken.size() < far_more_than_there_are) {
        taken.push_back(TestStream::connect_to(server.endpoint()));
      }
      return 1;
    } catch (const std::system_error& error) {
      if (error.code().value() != EADDRNOTAVAIL) return 2;
    }
    for (std::size_t i = 0; i < ways.size(); ++i) {
      results[i] = ways[i].fetch(client, server.fetch("scripted.test"));
    }
    taken.clear();
    server.stop();
    return 0;
  });
  if (WIFEXITED(status) && WEXITSTATUS(status) == not_permitted) {
    GTEST_SKIP() << "making a network namespace is not permitted here";
  }
  ASSERT_EQ(status, 0);
  for (const FetchResult& result : results) {
    EXPECT_EQ(result.error.stage, Stage::connect) << result.error.text();
    EXPECT_EQ(result.error.code, system_error(EADDRNOTAVAIL)) << result.error.text();
  }
}
#endif

class ClientSystemTest : public testing::TestWithParam<WayToFetch> {};

TEST_P(ClientSystemTest, MayBeUsedOnManyThreadsAtOnce) {
  constexpr int threads = 4;
  constexpr int rounds = 3;
  const HttpClient client = test_client();
  const std::vector<Fetch> sites = test_sites();
  std::atomic<int> right = 0;
  std::vector<std::thread> workers;
  workers.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        for (const Fetch& site : sites) {
          const FetchResult result = GetParam().fetch(client, site);
          if (!result.error && result.bytes == *site.expected_bytes) ++right;
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(right, threads * rounds * static_cast<int>(sites.size()));
}

TEST_P(ClientSystemTest, WorksOnBothSidesOfAFork) {
  const HttpClient client = test_client();
  const Fetch site = test_sites().front();
  ASSERT_FALSE(GetParam().fetch(client, site).error);
  const int status = in_child([&] {
    const FetchResult result = GetParam().fetch(client, site);
    return !result.error && result.bytes == *site.expected_bytes ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
  EXPECT_FALSE(GetParam().fetch(client, site).error);
}

TEST_P(ClientSystemTest, TakesAnyDescriptor) {
  constexpr rlim_t more_than_select_takes = 1100;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_max < more_than_select_takes + 50) GTEST_SKIP() << "no descriptors to be had";
  limit.rlim_cur = limit.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  const HttpClient client = test_client();
  const Fetch site = test_sites().front();
  std::vector<FileDescriptor> taken;
  taken.reserve(more_than_select_takes);
  for (rlim_t i = 0; i < more_than_select_takes; ++i) {
    taken.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_GE(taken.back().get(), 0);
  }
  EXPECT_EQ(GetParam().fetch(client, site).error.text(), JobError{}.text());
}

// The client says goodbye after the answer, to a server that has reset the connection by then: a
// socket raises SIGPIPE, unless told not to, and that would end this program.
TEST_P(ClientSystemTest, ABrokenPipeRaisesNoSignal) {
  ASSERT_EQ(::signal(SIGPIPE, SIG_DFL), SIG_DFL);
  const TestAuthority authority("an authority");
  const TestContext tls = authority.server({.names = "DNS:scripted.test"});
  // All of it is under way before the client has read the first part: there is time for the reset.
  const std::string answer = ok_answer(std::string(48'000, 'a'));
  ScriptedServer server(
      [&answer](TestStream& peer) {
        (void)read_request(peer);
        peer.send(answer);
        peer.end_sending();
        peer.reset();
      },
      {.tls = tls.get(), .v6 = false});
  const HttpClient client({.ca_pem = authority.pem()});
  const Fetch fetch = server.fetch("scripted.test");
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(GetParam().fetch(client, fetch).error.text(), JobError{}.text()) << i;
  }
}

#if defined(__linux__)
// Elsewhere a listener whose queue is full refuses, or takes more than it was told.
TEST_P(ClientSystemTest, TheDeadlineEndsAConnectThatGetsNoAnswer) {
  const FileDescriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SocketAddress address = to_socket_address(loopback(0));
  ASSERT_EQ(::bind(listener.get(), address.get(), address.size), 0);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  auto* const bound = reinterpret_cast<sockaddr*>(&address.storage);
  ASSERT_EQ(::getsockname(listener.get(), bound, &address.size), 0);
  // Its queue has room for one; what comes after that is not answered.
  std::vector<FileDescriptor> queue;
  queue.reserve(4);
  for (int i = 0; i < 4; ++i) {
    queue.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    (void)::connect(queue.back().get(), address.get(), address.size);
  }
  Fetch fetch = test_sites().front();
  fetch.endpoint = to_endpoint(*address.get());
  const HttpClient client({.ca_pem = test_origin().ca_pem(), .deadline = short_deadline});
  const auto start = std::chrono::steady_clock::now();
  const FetchResult result = GetParam().fetch(client, fetch);
  EXPECT_EQ(result.error.stage, Stage::connect) << result.error.text();
  EXPECT_EQ(result.error.code, error_code(Error::deadline_exceeded)) << result.error.text();
  EXPECT_GE(std::chrono::steady_clock::now() - start, short_deadline);
}
#endif

INSTANTIATE_TEST_SUITE_P(Ways, ClientSystemTest, testing::ValuesIn(ways_to_fetch()),
                         [](const auto& each) { return each.param.name; });

TEST(DescriptorsTest, RunningOutOfThemIsAnErrorAtConnect) {
  if (address_sanitizer) GTEST_SKIP() << "UBSan, which comes with it, needs descriptors itself";
  const HttpClient client = test_client();
  const Fetch site = test_sites().front();
  boost::asio::io_context loop;
  FetchResult awaited;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit enough = limit;
  limit.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  const FetchResult blocking = client.get(site);
  start_fetch(loop, client, site, awaited);
  loop.run();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &enough), 0);
  for (const FetchResult& result : {blocking, awaited}) {
    EXPECT_EQ(result.error.stage, Stage::connect) << result.error.text();
    EXPECT_EQ(result.error.code, system_error(EMFILE)) << result.error.text();
  }
}

TEST(AsyncGetTest, ManyShareOneLoop) {
  const HttpClient client = test_client();
  const std::vector<Fetch> sites = test_sites();
  std::vector<FetchResult> results(100);
  boost::asio::io_context loop(1);
  for (std::size_t i = 0; i < results.size(); ++i) {
    start_fetch(loop, client, sites[i % sites.size()], results[i]);
  }
  loop.run();
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].error.text(), JobError{}.text());
    EXPECT_EQ(results[i].bytes, *sites[i % sites.size()].expected_bytes);
  }
}

TEST(AsyncGetTest, WhoWaitsHoldsUpNobodyElse) {
  const HttpClient client = test_client();
  // The first server answers only once the second one has been asked.
  std::promise<void> asked;
  ScriptedServer first([&asked](TestStream& peer) {
    (void)read_request(peer);
    asked.get_future().wait_for(watchdog);
    peer.send(ok_answer("first"));
    peer.wait_for_end();
  });
  ScriptedServer second([&asked](TestStream& peer) {
    (void)read_request(peer);
    asked.set_value();
    peer.send(ok_answer("second"));
    peer.wait_for_end();
  });
  const Fetch one = first.fetch("scripted.test");
  const Fetch two = second.fetch("scripted.test");
  boost::asio::io_context loop(1);
  FetchResult first_result;
  FetchResult second_result;
  start_fetch(loop, client, one, first_result);
  start_fetch(loop, client, two, second_result);
  loop.run();
  EXPECT_EQ(first_result.bytes, 5U) << first_result.error.text();
  EXPECT_EQ(second_result.bytes, 6U) << second_result.error.text();
}

TEST(AsyncGetTest, EachHasADeadlineOfItsOwn) {
  const HttpClient impatient({.ca_pem = test_origin().ca_pem(), .deadline = short_deadline});
  const HttpClient patient = test_client();
  ScriptedServer silent([](TestStream& peer) { peer.wait_for_end(); });
  const Fetch stalled = silent.fetch("scripted.test");
  // Longer than the other one's deadline.
  const Fetch slow = [] {
    Fetch fetch = test_sites().front();
    fetch.url.target = origin_target(2 * short_deadline, *fetch.expected_bytes);
    return fetch;
  }();
  boost::asio::io_context loop(1);
  FetchResult stalled_result;
  FetchResult slow_result;
  start_fetch(loop, impatient, stalled, stalled_result);
  start_fetch(loop, patient, slow, slow_result);
  loop.run();
  EXPECT_EQ(stalled_result.error.code, error_code(Error::deadline_exceeded));
  EXPECT_EQ(slow_result.error.text(), JobError{}.text());
}

TEST(AsyncGetTest, ALoopThatEndsBeforeItsFetchesLeavesNothing) {
  const TestAuthority authority("an authority");
  const TestContext tls = authority.server({.names = "DNS:scripted.test"});
  for (SSL_CTX* const context : {static_cast<SSL_CTX*>(nullptr), tls.get()}) {
    const Leftovers before = count_leftovers();
    {
      std::atomic<bool> asked = false;
      ScriptedServer server(
          [&asked](TestStream& peer) {
            (void)read_request(peer);
            asked = true;
            peer.wait_for_end();
          },
          {.tls = context, .v6 = false});
      const HttpClient client({.ca_pem = authority.pem()});
      const Fetch fetch = server.fetch("scripted.test");
      boost::asio::io_context loop(1);
      boost::asio::co_spawn(loop, client.async_get(fetch), boost::asio::detached);
      while (!asked) loop.poll();
    }
    EXPECT_EQ(count_leftovers().descriptors, before.descriptors);
  }
}

}  // namespace
}  // namespace concurrency_models
