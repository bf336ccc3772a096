// The client against servers that behave in all ways, over http and https alike. What concerns TLS
// alone is in http_client_tls_test.cpp, what the client asks of the system in
// http_client_system_test.cpp.
#include "concurrency_models/http_client.h"

#include <gtest/gtest.h>

#include <boost/beast/http/error.hpp>
#include <cerrno>
#include <chrono>
#include <string>
#include <tuple>
#include <vector>

#include "concurrency_models/origin_protocol.h"
#include "support/comes_true.h"
#include "support/deadlines.h"
#include "support/leftovers.h"
#include "support/scripted_server.h"
#include "support/test_certificates.h"
#include "support/test_origin.h"
#include "support/ways_to_fetch.h"

namespace concurrency_models {
namespace {

using namespace std::chrono_literals;
using boost::system::error_code;
namespace http_error = boost::beast::http;

const std::string server_name = "scripted.test";

/// Both twins, each over http and https.
class HttpClientTest : public testing::TestWithParam<std::tuple<WayToFetch, bool>> {
 protected:
  [[nodiscard]] static bool secure() { return std::get<bool>(GetParam()); }

  /// Fetches once from a server that does this to its connection.
  FetchResult fetch(ScriptedServer::Script script,
                    std::optional<std::uint64_t> expected_bytes = std::nullopt) {
    ScriptedServer server(std::move(script), {.tls = tls_.get(), .v6 = false});
    const HttpClient client({.ca_pem = authority_.pem(), .deadline = deadline_});
    Fetch fetch = server.fetch(server_name);
    fetch.expected_bytes = expected_bytes;
    const FetchResult result = std::get<WayToFetch>(GetParam()).fetch(client, fetch);
    server.stop();
    connections_ = server.connections();
    return result;
  }

  /// The same from a server that says this and closes the connection well.
  FetchResult fetch_answer(const std::string& answer,
                           std::optional<std::uint64_t> expected_bytes = std::nullopt) {
    return fetch(
        [&answer](TestStream& peer) {
          (void)read_request(peer);
          peer.send(answer);
          end_well(peer);
        },
        expected_bytes);
  }

  /// From one that keeps the client waiting at this stage until it has had enough.
  FetchResult fetch_stalled(Stage stage, const ScriptedServer::Script& script) {
    return let_deadline_pass_at(stage, [&](std::chrono::nanoseconds deadline) {
      deadline_ = deadline;
      return fetch(script);
    });
  }

  /// From one that says this and falls silent.
  FetchResult fetch_stalled_answer(Stage stage, const std::string& answer) {
    return fetch_stalled(stage, [&answer](TestStream& peer) {
      (void)read_request(peer);
      peer.send(answer);
      peer.wait_for_end();
    });
  }

  static void end_well(TestStream& peer) {
    if (secure()) peer.send_close_notify();
    peer.end_sending();
    peer.wait_for_end();
  }

  void SetUp() override {
    if (secure()) tls_ = authority_.server({.names = "DNS:" + server_name});
  }

  const TestAuthority authority_{"an authority"};
  TestContext tls_;
  std::chrono::nanoseconds deadline_ = ClientOptions{}.deadline;
  unsigned connections_ = 0;
};

void expect_error(const FetchResult& result, Stage stage, const error_code& code) {
  EXPECT_EQ(result.error.text(), (JobError{.stage = stage, .code = code}).text());
  EXPECT_EQ(result.error.stage, stage);
  EXPECT_EQ(result.error.code, code);
  EXPECT_EQ(result.bytes, 0U) << "a failed fetch has no length";
}

void expect_bytes(const FetchResult& result, std::uint64_t bytes) {
  EXPECT_EQ(result.error.text(), JobError{}.text());
  EXPECT_EQ(result.bytes, bytes);
}

error_code http_status(int status) { return {status, http_status_category()}; }

std::string pattern(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += origin_pattern().substr(0, bytes - text.size());
  return text;
}

/// As HTTP's chunks, of this size each.
std::string chunked(std::string_view body, std::size_t size) {
  std::ostringstream text;
  text << "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" << std::hex;
  for (; !body.empty(); body.remove_prefix(std::min(size, body.size()))) {
    const auto part = body.substr(0, size);
    text << part.size() << "\r\n" << part << "\r\n";
  }
  text << "0\r\n\r\n";
  return text.str();
}

TEST_P(HttpClientTest, TakesTheRightBytes) {
  for (const std::size_t bytes : {0U, 1U, 1024U, 65521U, 65522U, 300'000U}) {
    expect_bytes(fetch_answer(ok_answer(pattern(bytes)), bytes), bytes);
  }
}

TEST_P(HttpClientTest, FetchesFromTheOrigin) {
  const HttpClient client = test_client();
  for (const Fetch& fetch : test_sites(0, secure())) {
    expect_bytes(std::get<WayToFetch>(GetParam()).fetch(client, fetch), *fetch.expected_bytes);
  }
}

TEST_P(HttpClientTest, SendsOneShortGet) {
  std::string request;
  std::string afterwards;
  std::uint16_t port = 0;
  ScriptedServer server(
      [&](TestStream& peer) {
        request = read_request(peer);
        peer.send(ok_answer("hello"));
        afterwards = peer.read_to_end();
      },
      {.tls = tls_.get(), .v6 = false});
  port = server.endpoint().port;
  Fetch fetch = server.fetch(server_name);
  fetch.url.target = "/a/b?c=d%20e";
  const HttpClient client({.ca_pem = authority_.pem()});
  expect_bytes(std::get<WayToFetch>(GetParam()).fetch(client, fetch), 5);
  server.stop();
  EXPECT_TRUE(request.starts_with("GET /a/b?c=d%20e HTTP/1.1\r\n")) << request;
  const std::string host = "\r\nHost: " + server_name + ":" + std::to_string(port) + "\r\n";
  EXPECT_NE(request.find(host), std::string::npos) << request;
  EXPECT_NE(request.find("\r\nConnection: close\r\n"), std::string::npos) << request;
  EXPECT_EQ(afterwards, "");
  EXPECT_EQ(server.connections(), 1U);
}

TEST_P(HttpClientTest, TakesChunks) {
  const std::string body = pattern(100'000);
  for (const std::size_t size : {1000U, 16384U, 65536U, 100'000U}) {
    expect_bytes(fetch_answer(chunked(body, size), body.size()), body.size());
  }
  expect_bytes(fetch_answer(chunked(pattern(300), 1), 300), 300);
}

TEST_P(HttpClientTest, TakesChunksWithExtensionsAndATrailer) {
  expect_bytes(fetch_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "5;name=value\r\nhello\r\n0;last\r\nTrailer: x\r\n\r\n"),
               5);
}

TEST_P(HttpClientTest, TakesABodyThatEndsWithTheConnection) {
  expect_bytes(fetch_answer("HTTP/1.1 200 OK\r\n\r\n" + pattern(100'000), 100'000), 100'000);
  expect_bytes(fetch_answer("HTTP/1.0 200 OK\r\n\r\nhello"), 5);
}

TEST_P(HttpClientTest, TakesAnAnswerInPieces) {
  expect_bytes(fetch([](TestStream& peer) {
                 (void)read_request(peer);
                 for (const char character : ok_answer("hello")) peer.send({&character, 1});
                 end_well(peer);
               }),
               5);
}

TEST_P(HttpClientTest, ChecksTheLength) {
  for (const std::size_t sent : {0U, 999U, 1001U, 200'000U}) {
    expect_error(fetch_answer(ok_answer(pattern(sent)), 1000), Stage::body, Error::wrong_length);
  }
}

TEST_P(HttpClientTest, AWrongLengthIsAnErrorAsSoonAsItIsAnnounced) {
  expect_error(fetch(
                   [](TestStream& peer) {
                     (void)read_request(peer);
                     peer.send("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n");
                     peer.wait_for_end();
                   },
                   1000),
               Stage::body, Error::wrong_length);
}

TEST_P(HttpClientTest, ChecksTheLengthOfChunksAndOfABodyWithoutOne) {
  expect_error(fetch_answer(chunked(pattern(999), 500), 1000), Stage::body, Error::wrong_length);
  expect_error(fetch_answer(chunked(pattern(1001), 500), 1000), Stage::body, Error::wrong_length);
  const std::string header = "HTTP/1.1 200 OK\r\n\r\n";
  expect_error(fetch_answer(header + pattern(999), 1000), Stage::body, Error::wrong_length);
  expect_error(fetch_answer(header + pattern(1001), 1000), Stage::body, Error::wrong_length);
}

TEST_P(HttpClientTest, ALengthBeyondTheExpectedIsAnErrorAsSoonAsItShows) {
  for (const std::string& start :
       {std::string("HTTP/1.1 200 OK\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5000\r\n")}) {
    expect_error(fetch(
                     [&start](TestStream& peer) {
                       (void)read_request(peer);
                       peer.send(start + pattern(1001));
                       peer.wait_for_end();
                     },
                     1000),
                 Stage::body, Error::wrong_length);
  }
}

TEST_P(HttpClientTest, ChecksTheContent) {
  constexpr std::size_t bytes = 100'000;
  for (const std::size_t position : {std::size_t{0}, std::size_t{65521}, bytes - 1}) {
    std::string body = pattern(bytes);
    body[position] ^= 1;
    expect_error(fetch_answer(ok_answer(body), bytes), Stage::body, Error::wrong_content);
    expect_error(fetch_answer(chunked(body, 5000), bytes), Stage::body, Error::wrong_content);
  }
}

TEST_P(HttpClientTest, TakesAnyBodyWhereNoneIsExpected) {
  expect_bytes(fetch_answer(ok_answer("hello")), 5);
  expect_bytes(fetch_answer(ok_answer("")), 0);
}

TEST_P(HttpClientTest, StatusesFrom400AreErrors) {
  for (const int status : {400, 404, 429, 500, 503, 599}) {
    const std::string answer =
        "HTTP/1.1 " + std::to_string(status) + " Sorry\r\nContent-Length: 5\r\n\r\nsorry";
    expect_error(fetch_answer(answer), Stage::header, http_status(status));
    // Not that its body has the wrong length.
    expect_error(fetch_answer(answer, 1000), Stage::header, http_status(status));
  }
}

TEST_P(HttpClientTest, WhereABodyIsExpectedOnlyStatus200WillDo) {
  for (const std::string status : {"201 Created", "203 From Elsewhere", "206 Partial Content"}) {
    std::string answer = "HTTP/1.1 " + status + "\r\nContent-Length: 100\r\n\r\n";
    answer += pattern(100);
    expect_bytes(fetch_answer(answer), 100);
    expect_error(fetch_answer(answer, 100), Stage::header, http_status(std::stoi(status)));
  }
}

TEST_P(HttpClientTest, AnswersWithoutABodyCount) {
  expect_bytes(fetch_answer("HTTP/1.1 204 No Content\r\n\r\n"), 0);
  expect_bytes(fetch_answer("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), 0);
}

TEST_P(HttpClientTest, DoesNotFollowRedirects) {
  for (const int status : {301, 302, 303, 307, 308}) {
    const std::string answer = "HTTP/1.1 " + std::to_string(status) +
                               " Elsewhere\r\nLocation: /other\r\nContent-Length: 3\r\n\r\nbye";
    expect_bytes(fetch_answer(answer), 3);
    EXPECT_EQ(connections_, 1U);
    expect_error(fetch_answer(answer, 3), Stage::header, http_status(status));
    EXPECT_EQ(connections_, 1U);
  }
}

// RFC 9110, 15.2: a client must be able to take any number of these, whether it asked or not.
TEST_P(HttpClientTest, AnInformationalAnswerIsNotTheAnswer) {
  const std::string early = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
  expect_bytes(fetch_answer(early + ok_answer("hello")), 5);
  expect_bytes(
      fetch_answer("HTTP/1.1 100 Continue\r\n\r\n" + early + ok_answer(pattern(1000)), 1000), 1000);
  expect_error(fetch_answer(early + "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
               Stage::header, http_status(404));
}

TEST_P(HttpClientTest, InformationalAnswersWithoutEndAreErrors) {
  const std::string early = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
  expect_error(fetch([&early](TestStream& peer) {
                 (void)read_request(peer);
                 while (peer.send(early)) {
                 }
               }),
               Stage::header, http_error::error::header_limit);
}

TEST_P(HttpClientTest, AConnectionThatEndsAfterAnInformationalAnswerIsAnError) {
  for (const std::string part : {"", "H", "HTTP/1.1 200 OK\r\n"}) {
    expect_error(fetch_answer("HTTP/1.1 100 Continue\r\n\r\n" + part), Stage::header,
                 Error::truncated);
  }
}

// It was not asked for, and what follows it is no HTTP.
TEST_P(HttpClientTest, AnotherProtocolIsAnError) {
  expect_error(fetch_answer("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nnoise"),
               Stage::header, http_status(101));
}

TEST_P(HttpClientTest, AConnectionThatEndsInTheHeaderIsAnError) {
  for (const std::string part : {"", "H", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\n",
                                 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"}) {
    expect_error(fetch_answer(part), Stage::header, Error::truncated);
  }
}

TEST_P(HttpClientTest, AConnectionThatEndsInTheBodyIsAnError) {
  const std::string whole = ok_answer(pattern(1000));
  for (const std::size_t missing : {1U, 500U, 1000U}) {
    expect_error(fetch_answer(whole.substr(0, whole.size() - missing), 1000), Stage::body,
                 Error::truncated);
  }
}

TEST_P(HttpClientTest, AConnectionThatEndsBetweenChunksIsAnError) {
  const std::string whole = chunked(pattern(1000), 500);
  const std::string last_chunk = "0\r\n\r\n";
  for (const std::size_t missing : {std::size_t{1}, last_chunk.size(), last_chunk.size() + 1,
                                    last_chunk.size() + 3, last_chunk.size() + 250}) {
    expect_error(fetch_answer(whole.substr(0, whole.size() - missing), 1000), Stage::body,
                 Error::truncated);
  }
}

TEST_P(HttpClientTest, AResetConnectionIsAnError) {
  const error_code reset(ECONNRESET, boost::system::system_category());
  const auto reset_after = [](const std::string& text) {
    return [text](TestStream& peer) {
      (void)read_request(peer);
      peer.send(text);
      peer.reset();
    };
  };
  expect_error(fetch(reset_after("HTTP/1.1 200 OK\r\n")), Stage::header, reset);
  const std::string whole = ok_answer(pattern(1000));
  expect_error(fetch(reset_after(whole.substr(0, whole.size() - 1)), 1000), Stage::body, reset);
}

TEST_P(HttpClientTest, AnswersThatAreNoHttpAreErrors) {
  for (const std::string answer :
       {"nonsense\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    const FetchResult result = fetch_answer(answer);
    EXPECT_EQ(result.error.stage, Stage::header) << answer;
    EXPECT_STREQ(result.error.code.category().name(), "beast.http") << result.error.text();
  }
  for (const std::string chunks :
       {"x\r\n", "5\r\nhelloworld\r\n", "-1\r\n", "fffffffffffffffff\r\n"}) {
    const FetchResult result =
        fetch_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
    EXPECT_EQ(result.error.stage, Stage::body) << chunks;
    EXPECT_STREQ(result.error.code.category().name(), "beast.http") << result.error.text();
  }
}

TEST_P(HttpClientTest, AHeaderOverTheLimitIsAnError) {
  const auto with_header_of = [](std::size_t size) {
    std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: ";
    const std::string end = "\r\n\r\n";
    answer.resize(size - end.size(), 'a');
    return answer + end + "hello";
  };
  expect_bytes(fetch_answer(with_header_of(HttpClient::header_limit - 1000)), 5);
  expect_error(fetch_answer(with_header_of(HttpClient::header_limit + 1000)), Stage::header,
               http_error::error::header_limit);
}

TEST_P(HttpClientTest, AHeaderWithoutEndIsAnError) {
  const std::string line = "X: " + std::string(1000, 'a') + "\r\n";
  expect_error(fetch([&line](TestStream& peer) {
                 (void)read_request(peer);
                 peer.send("HTTP/1.1 200 OK\r\n");
                 while (peer.send(line)) {
                 }
               }),
               Stage::header, http_error::error::header_limit);
}

TEST_P(HttpClientTest, ABodyOverTheLimitIsAnErrorAsSoonAsItIsAnnounced) {
  // It is not sent, only announced: a client that reads it all would wait for ever.
  const auto announced = [](const std::string& text) {
    return [text](TestStream& peer) {
      (void)read_request(peer);
      peer.send(text);
      peer.wait_for_end();
    };
  };
  const std::string over = std::to_string(HttpClient::body_limit + 1);
  expect_error(fetch(announced("HTTP/1.1 200 OK\r\nContent-Length: " + over + "\r\n\r\n")),
               Stage::body, http_error::error::body_limit);
  expect_error(fetch(announced("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4000001\r\n")),
               Stage::body, http_error::error::body_limit);
}

TEST_P(HttpClientTest, ABodyWithoutEndIsAnError) {
  const std::string megabyte(std::size_t{1} << 20, 'a');
  for (const bool in_chunks : {false, true}) {
    expect_error(fetch([&](TestStream& peer) {
                   (void)read_request(peer);
                   peer.send(in_chunks ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                       : "HTTP/1.1 200 OK\r\n\r\n");
                   const std::string part = in_chunks ? "100000\r\n" + megabyte + "\r\n" : megabyte;
                   while (peer.send(part)) {
                   }
                 }),
                 Stage::body, http_error::error::body_limit);
  }
}

TEST_P(HttpClientTest, TheLargestBodyIsTaken) {
  expect_bytes(fetch_answer(ok_answer(pattern(HttpClient::body_limit)), HttpClient::body_limit),
               HttpClient::body_limit);
}

// What stands between chunks is part of the answer too: nobody may fill the client's memory by it.
TEST_P(HttpClientTest, ChunkExtensionsAndTrailersWithoutEndAreErrors) {
  for (const std::string start : {"5;", "0\r\nX: "}) {
    constexpr std::size_t many = 64;  // MiB
    std::size_t sent = 0;
    const FetchResult result = fetch([&](TestStream& peer) {
      (void)read_request(peer);
      peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + start);
      const std::string megabyte(std::size_t{1} << 20, 'a');
      while (sent < many && peer.send(megabyte)) ++sent;
    });
    EXPECT_EQ(result.error.stage, Stage::body);
    EXPECT_NE(result.error.code, error_code(Error::truncated)) << "it took all of it";
    EXPECT_LT(sent, many);
  }
}

TEST_P(HttpClientTest, AChunksExtensionOrATrailerOverTheLimitIsAnErrorAlsoIfItIsComplete) {
  const std::string header = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto filled = [](std::string start, const std::string& end, std::size_t size) {
    start.resize(size - end.size(), 'a');
    return start + end;
  };
  const auto with_extension_of = [&](std::size_t size) {
    return header + filled("5;", "\r\n", size) + "hello\r\n0\r\n\r\n";
  };
  const auto with_trailer_of = [&](std::size_t size) {
    return header + filled("0\r\nX: ", "\r\n\r\n", size);
  };
  expect_bytes(fetch_answer(with_extension_of(HttpClient::header_limit)), 5);
  expect_bytes(fetch_answer(with_trailer_of(HttpClient::header_limit)), 0);
  // From 64 KiB of one field on, Beast would throw.
  for (const std::size_t over : {1U, 100U, 10'000U}) {
    const std::size_t size = HttpClient::header_limit + over;
    for (const std::string& answer : {with_extension_of(size), with_trailer_of(size)}) {
      expect_error(fetch_answer(answer), Stage::body, http_error::error::header_limit);
    }
  }
}

TEST_P(HttpClientTest, TheDeadlineEndsASilence) {
  expect_error(fetch_stalled_answer(Stage::header, ""), Stage::header, Error::deadline_exceeded);
}

TEST_P(HttpClientTest, TheDeadlineEndsAStallInTheHeader) {
  expect_error(fetch_stalled_answer(Stage::header, "HTTP/1.1 200 OK\r\n"), Stage::header,
               Error::deadline_exceeded);
}

TEST_P(HttpClientTest, TheDeadlineEndsAStallInTheBody) {
  const std::string whole = ok_answer(pattern(1000));
  for (const std::string& part :
       {whole.substr(0, whole.size() - 1), std::string("HTTP/1.1 200 OK\r\n\r\nuntil the end")}) {
    expect_error(fetch_stalled_answer(Stage::body, part), Stage::body, Error::deadline_exceeded);
  }
}

TEST_P(HttpClientTest, TheDeadlineIsForAllOfTheFetch) {
  // There is always something new, long before the deadline, and no end in sight. The origin, which
  // takes its time to answer, is the clock.
  Fetch tick = test_sites(0, false).front();
  tick.url.target = origin_target(short_deadline / 20, *tick.expected_bytes);
  const HttpClient other_client = test_client();
  constexpr int far_too_many = 400;
  expect_error(fetch_stalled(Stage::header,
                             [&](TestStream& peer) {
                               (void)read_request(peer);
                               peer.send("HTTP/1.1 200 OK\r\nX: ");
                               for (int i = 0; i < far_too_many && peer.send("a"); ++i) {
                                 EXPECT_FALSE(other_client.get(tick).error);
                               }
                             }),
               Stage::header, Error::deadline_exceeded);
}

TEST_P(HttpClientTest, ADeadlineThatIsOverLeavesNoTime) {
  for (const auto over : {0ns, -1ns, std::chrono::nanoseconds(-1h)}) {
    deadline_ = over;
    const FetchResult result = fetch([](TestStream& peer) { peer.wait_for_end(); });
    EXPECT_EQ(result.error.code, error_code(Error::deadline_exceeded)) << result.error.text();
  }
}

TEST_P(HttpClientTest, ADeadlineMayBeFarOff) {
  for (const auto far : {std::chrono::nanoseconds(24h * 365), std::chrono::nanoseconds::max()}) {
    deadline_ = far;
    expect_bytes(fetch_answer(ok_answer("hello")), 5);
  }
}

TEST_P(HttpClientTest, LeavesNothingBehind) {
  const auto way = std::get<WayToFetch>(GetParam());
  const auto site = test_sites(0, secure()).front();
  const auto fetch_them_all = [&] {
    EXPECT_FALSE(way.fetch(test_client(), site).error);
    EXPECT_TRUE(way.fetch(test_client(), refused_fetch()).error);
    deadline_ = short_deadline;
    EXPECT_TRUE(fetch([](TestStream& peer) { peer.wait_for_end(); }).error);
  };
  fetch_them_all();  // what is made once and for all, the origin for instance
  const Leftovers before = count_leftovers();
  fetch_them_all();
  EXPECT_TRUE(comes_true([&before] { return count_leftovers() == before; })) << count_leftovers();
}

INSTANTIATE_TEST_SUITE_P(Ways, HttpClientTest,
                         testing::Combine(testing::ValuesIn(ways_to_fetch()), testing::Bool()),
                         [](const auto& each) {
                           return std::get<0>(each.param).name +
                                  (std::get<1>(each.param) ? "_https" : "_http");
                         });

/// Both twins, over http, where more would say nothing new.
class HttpClientConnectTest : public testing::TestWithParam<WayToFetch> {};

TEST_P(HttpClientConnectTest, ARefusedConnectionIsAnError) {
  expect_error(GetParam().fetch(test_client(), refused_fetch()), Stage::connect,
               {ECONNREFUSED, boost::system::system_category()});
}

TEST_P(HttpClientConnectTest, TakesIpv6) {
  try {
    ScriptedServer server(
        [](TestStream& peer) {
          EXPECT_NE(read_request(peer).find("\r\nHost: [::1]:"), std::string::npos);
          peer.send(ok_answer("hello"));
        },
        {.tls = nullptr, .v6 = true});
    expect_bytes(GetParam().fetch(test_client(), server.fetch("::1")), 5);
  } catch (const std::system_error& error) {
    GTEST_SKIP() << "there is no IPv6 here: " << error.what();
  }
}

TEST_P(HttpClientConnectTest, AMovedClientWorks) {
  ScriptedServer server([](TestStream& peer) {
    (void)read_request(peer);
    peer.send(ok_answer("hello"));
  });
  HttpClient first = test_client();
  HttpClient second(std::move(first));
  expect_bytes(GetParam().fetch(second, server.fetch(server_name)), 5);
  first = std::move(second);
  expect_bytes(GetParam().fetch(first, server.fetch(server_name)), 5);
}

INSTANTIATE_TEST_SUITE_P(Ways, HttpClientConnectTest, testing::ValuesIn(ways_to_fetch()),
                         [](const auto& each) { return each.param.name; });

/// get_text is for the origin's account of itself, which is short.
class GetTextTest : public testing::Test {
 protected:
  static FetchResult get_text(const std::string& answer, std::string& text) {
    ScriptedServer server([&answer](TestStream& peer) {
      (void)read_request(peer);
      peer.send(answer);
      peer.end_sending();
      peer.wait_for_end();
    });
    return test_client().get_text(server.fetch(server_name), text);
  }
};

TEST_F(GetTextTest, YieldsTheBody) {
  std::string text;
  expect_bytes(get_text(ok_answer("1.25\n"), text), 5);
  EXPECT_EQ(text, "1.25\n");
  text.clear();
  expect_bytes(get_text(chunked(pattern(60'000), 1000), text), 60'000);
  EXPECT_EQ(text, pattern(60'000));
}

TEST_F(GetTextTest, TakesNothingLong) {
  constexpr std::size_t limit = std::size_t{64} << 10;
  std::string text;
  expect_bytes(get_text(ok_answer(pattern(limit)), text), limit);
  expect_error(get_text(ok_answer(pattern(limit + 1)), text), Stage::body,
               http_error::error::body_limit);
  text.clear();
  expect_error(get_text(chunked(pattern(2 * limit), 1000), text), Stage::body,
               http_error::error::body_limit);
  EXPECT_LE(text.size(), limit);
}

TEST_F(GetTextTest, AnErrorIsNoText) {
  std::string text;
  expect_error(get_text("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nsorry", text),
               Stage::header, http_status(404));
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace concurrency_models
