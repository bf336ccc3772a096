// What fetches have from those before them, for both twins.
#include "connection_cache.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <utility>
#include <vector>

#include "concurrency_models/http_client.h"
#include "concurrency_models/origin_process.h"
#include "support/comes_true.h"
#include "support/leftovers.h"
#include "support/scripted_server.h"
#include "support/test_certificates.h"
#include "support/test_origin.h"
#include "support/ways_to_fetch.h"

namespace concurrency_models {
namespace {

const std::string host = "scripted.test";

HttpClient client_of(ConnectionMode mode, const std::string& ca_pem = test_origin().ca_pem()) {
  return HttpClient({.ca_pem = ca_pem, .connection = mode});
}

void expect_success(const FetchResult& result, bool reused) {
  EXPECT_FALSE(result.error) << result.error.text();
  EXPECT_EQ(result.reused, reused);
}

class Reuse : public testing::TestWithParam<WayToFetch> {
 protected:
  [[nodiscard]] static FetchResult fetch(const HttpClient& client, const Fetch& fetch) {
    return GetParam().fetch(client, fetch);
  }

  /// Twice, from a server that gives these answers over one connection after the other, one each.
  static std::vector<FetchResult> fetch_twice(const std::string& first, const std::string& second) {
    ScriptedServer server([&](TestStream& peer) {
      for (const std::string& answer : {first, second}) {
        if (read_request(peer).empty()) return;
        peer.send(answer);
      }
    });
    const HttpClient client = client_of(ConnectionMode::keepalive);
    const Fetch request = server.fetch(host);
    return {fetch(client, request), fetch(client, request)};
  }
};

TEST_P(Reuse, OfAConnectionGoesOnForAsLongAsTheServerAgrees) {
  std::vector<std::string> requests;
  ScriptedServer server([&](TestStream& peer) {
    while (true) {
      const std::string request = read_request(peer);
      if (request.empty()) return;
      requests.push_back(request);
      if (requests.size() < 3) {
        peer.send(ok_answer("hello"));
        continue;
      }
      peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
  });
  const HttpClient client = client_of(ConnectionMode::keepalive);
  const Fetch request = server.fetch(host);
  expect_success(fetch(client, request), false);
  expect_success(fetch(client, request), true);
  expect_success(fetch(client, request), true);
  expect_success(fetch(client, request), false);
  EXPECT_EQ(server.connections(), 2U);
  server.stop();
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_NE(requests.front().find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST_P(Reuse, IsForTheSameServerAndNameOnly) {
  const std::vector<Fetch> sites = test_sites();
  const HttpClient client = client_of(ConnectionMode::keepalive);
  expect_success(fetch(client, sites[0]), false);
  expect_success(fetch(client, sites[1]), false);
  expect_success(fetch(client, sites[0]), true);
  expect_success(fetch(client, test_sites(0, false)[0]), false);
}

TEST_P(Reuse, IsNotWhatAFreshClientDoes) {
  const HttpClient client = client_of(ConnectionMode::fresh);
  const std::vector<Fetch> sites = test_sites();
  client.warm_up(sites, 1);
  expect_success(fetch(client, sites[0]), false);
  expect_success(fetch(client, sites[0]), false);
}

TEST_P(Reuse, OfAConnectionThatTheServerClosedIsAnErrorAndIsNotRetried) {
  ScriptedServer server([](TestStream& peer) {
    (void)read_request(peer);
    peer.send(ok_answer("hello"));
  });
  const HttpClient client = client_of(ConnectionMode::keepalive);
  const Fetch request = server.fetch(host);
  expect_success(fetch(client, request), false);
  const FetchResult result = fetch(client, request);
  EXPECT_EQ(result.error.code, Error::kept_connection_closed) << result.error.text();
  EXPECT_TRUE(result.error.stage == Stage::send || result.error.stage == Stage::header);
  EXPECT_EQ(server.connections(), 1U);
  expect_success(fetch(client, request), false);
}

TEST_P(Reuse, DoesNotExcuseATruncatedAnswer) {
  const auto results =
      fetch_twice(ok_answer("hello"), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
  expect_success(results[0], false);
  EXPECT_EQ(results[1].error.stage, Stage::body);
  EXPECT_EQ(results[1].error.code, Error::truncated) << results[1].error.text();
}

TEST_P(Reuse, IsNotOfAConnectionThatHoldsMoreThanTheAnswer) {
  ScriptedServer server([](TestStream& peer) {
    (void)read_request(peer);
    peer.send(ok_answer("hello") + "more");
    peer.wait_for_end();
  });
  const HttpClient client = client_of(ConnectionMode::keepalive);
  expect_success(fetch(client, server.fetch(host)), false);
  expect_success(fetch(client, server.fetch(host)), false);
}

// It would be taken for the next fetch's answer.
TEST_P(Reuse, OfAConnectionOverWhichMoreThanTheAnswerCameIsAnError) {
  const TestAuthority authority("an authority");
  const TestContext tls = authority.server({.names = "DNS:" + host});
  for (SSL_CTX* const context : {static_cast<SSL_CTX*>(nullptr), tls.get()}) {
    SCOPED_TRACE(context == nullptr ? "http" : "https");
    std::promise<void> answered;
    std::promise<void> more_sent;
    ScriptedServer server(
        [&](TestStream& peer) {
          (void)read_request(peer);
          peer.send(ok_answer("hello"));
          answered.get_future().wait_for(watchdog);
          peer.send(ok_answer("more"));
          more_sent.set_value();
          peer.wait_for_end();
        },
        {.tls = context, .v6 = false});
    const HttpClient client = client_of(ConnectionMode::keepalive, authority.pem());
    const Fetch request = server.fetch(host);
    expect_success(fetch(client, request), false);
    answered.set_value();
    ASSERT_EQ(more_sent.get_future().wait_for(watchdog), std::future_status::ready);
    const FetchResult second = fetch(client, request);
    EXPECT_EQ(second.error.code, Error::unasked_answer) << second.error.text();
    EXPECT_EQ(second.error.stage, Stage::send);
  }
}

TEST_P(Reuse, OfSessionsNeedsWarmingAndTickets) {
  const OriginProcess& origin = test_origin_with_tickets();
  const std::vector<Fetch> sites = origin_fetches(true, loopback(origin.https_port()), 0);
  const HttpClient client = client_of(ConnectionMode::resumed, origin.ca_pem());
  expect_success(fetch(client, sites[0]), false);
  client.warm_up(sites, 1);
  for (const Fetch& site : sites) {
    expect_success(fetch(client, site), true);
    expect_success(fetch(client, site), true);
  }
  const HttpClient without_tickets = client_of(ConnectionMode::resumed);
  without_tickets.warm_up(test_sites(), 1);
  expect_success(fetch(without_tickets, test_sites()[0]), false);
}

INSTANTIATE_TEST_SUITE_P(Twins, Reuse, testing::ValuesIn(ways_to_fetch()),
                         [](const auto& way) { return way.param.name; });

TEST(WarmUp, KeepsAsManyConnectionsAsAreNeededAtOnce) {
  const Fetch site = test_sites().front();
  const HttpClient client = client_of(ConnectionMode::keepalive);
  const std::size_t before = count_leftovers().descriptors;
  const auto idle = [&](std::size_t named, std::size_t at_once) {
    client.warm_up(std::vector<Fetch>(named, site), at_once);
    return count_leftovers().descriptors - before;
  };
  EXPECT_EQ(idle(3, 2), 2U);
  EXPECT_EQ(idle(3, 9), 3U);
  EXPECT_EQ(idle(1, 9), 1U);
  EXPECT_EQ(idle(0, 9), 0U);
}

TEST(WarmUp, LetsGoOfWhatTheServerClosed) {
  // The first connection is closed after one answer, the second after two.
  ScriptedServer server([answers = 1](TestStream& peer) mutable {
    for (int i = 0; i < answers; ++i) {
      (void)read_request(peer);
      peer.send(ok_answer("hello"));
    }
    ++answers;
  });
  const HttpClient client = client_of(ConnectionMode::keepalive);
  const std::vector<Fetch> fetches = {server.fetch(host)};
  // That it was closed is known some time after the answer.
  EXPECT_TRUE(comes_true([&] {
    client.warm_up(fetches, 1);
    return server.connections() == 2;
  }));
  const FetchResult result = client.get(fetches.front());
  EXPECT_FALSE(result.error);
  EXPECT_TRUE(result.reused);
}

}  // namespace
}  // namespace concurrency_models
