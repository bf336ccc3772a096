// What URLs can make the client send, and to whom: seen from the server's end.
#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "concurrency_models/http_client.h"
#include "support/scripted_server.h"
#include "support/test_certificates.h"
#include "support/ways_to_fetch.h"

namespace concurrency_models {
namespace {

/// Fetches URLs, whatever hosts they name, from one server, and tells what came there.
class HostileUrls {
 public:
  explicit HostileUrls(const WayToFetch& way) : way_(way) {}

  /// Nothing: the URL was refused, and nothing was sent.
  std::optional<std::string> request_for(const std::string& text) {
    Fetch fetch;
    try {
      fetch.url = parse_url(text);
    } catch (const std::invalid_argument&) {
      return std::nullopt;
    }
    fetch.url.secure = false;
    fetch.endpoint = server_.endpoint();
    const FetchResult result = way_.fetch(client_, fetch);
    EXPECT_EQ(result.error.text(), JobError{}.text()) << text;
    if (result.error) return std::nullopt;
    return take_request();
  }

 private:
  /// Waits until the server has seen the end of one: it comes after that of the answer.
  std::string take_request() {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [this] { return !requests_.empty(); });
    std::string request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }

  WayToFetch way_;
  TestAuthority authority_{"an authority"};
  HttpClient client_{ClientOptions{.ca_pem = authority_.pem()}};
  std::mutex mutex_;
  std::condition_variable came_;
  std::deque<std::string> requests_;
  ScriptedServer server_{[this](TestStream& peer) {
    std::string request = read_request(peer);
    peer.send(ok_answer("hello"));
    peer.end_sending();
    request += peer.read_to_end();
    const std::lock_guard lock(mutex_);
    requests_.push_back(std::move(request));
    came_.notify_one();
  }};
};

class HostileUrlTest : public testing::TestWithParam<WayToFetch> {
 protected:
  HostileUrls urls_{GetParam()};
};

/// A request of one line and the client's own four fields, and nothing after it.
void expect_one_request(const std::string& request, const std::string& url) {
  std::vector<std::string> lines;
  std::string line;
  for (std::istringstream in(request); std::getline(in, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 6U) << url << '\n' << request;
  EXPECT_TRUE(lines[0].starts_with("GET /") && lines[0].ends_with(" HTTP/1.1\r")) << lines[0];
  EXPECT_EQ(std::count(lines[0].begin(), lines[0].end(), ' '), 2) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("Host: ")) << lines[1];
  EXPECT_EQ(std::count(lines[1].begin(), lines[1].end(), ' '), 1) << lines[1];
  EXPECT_EQ(lines[2], "User-Agent: concurrency_models\r");
  EXPECT_EQ(lines[3], "Accept: */*\r");
  EXPECT_EQ(lines[4], "Connection: close\r");
  EXPECT_EQ(lines[5], "\r");
  for (const char c : lines[0] + lines[1]) {
    EXPECT_TRUE((c > ' ' && c <= '~') || c == ' ' || c == '\r') << url << '\n' << request;
  }
}

std::string percent_encoded(unsigned char byte) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return std::string{'%', digits[byte >> 4U], digits[byte & 15U]};
}

TEST_P(HostileUrlTest, NoByteAnywhereMakesMoreThanOneRequest) {
  // At the '@', often with a header behind it, which the byte could let loose.
  std::size_t sent = 0;
  std::size_t refused = 0;
  for (int value = 0; value <= 255; ++value) {
    const auto byte = static_cast<unsigned char>(value);
    for (const std::string& piece :
         {std::string(1, static_cast<char>(byte)), percent_encoded(byte),
          "\r\n" + std::string(1, static_cast<char>(byte)), "%0D%0A" + percent_encoded(byte)}) {
      for (std::string url :
           {"@http://a.test/", "http@://a.test/", "http:@//a.test/", "http://@X-Injected:xa.test/",
            "http://a@X-Injected:x.test/", "http://a.test@X-Injected:x/", "http://a.test:8@0/",
            "http://a.test/@X-Injected:x", "http://a.test/?q=@X-Injected:x",
            "http://a.test/#@X-Injected:x", "http://[::1@]/"}) {
        url.replace(url.find('@'), 1, piece);
        const auto request = urls_.request_for(url);
        request ? ++sent : ++refused;
        if (request) expect_one_request(*request, url);
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(sent, 1000U) << "it refuses what it need not";
  EXPECT_GT(refused, 1000U);
}

struct Sent {
  std::string url;
  std::string target;
  std::string host;
};

TEST_P(HostileUrlTest, WhatTheUrlSaysArrivesAndNothingElse) {
  for (const Sent& sent : {
           Sent{"http://a.test/../../etc/passwd", "/../../etc/passwd", "a.test"},
           Sent{"http://a.test/%2e%2e%2fetc%2fpasswd", "/%2e%2e%2fetc%2fpasswd", "a.test"},
           Sent{"http://a.test/%0D%0AHost:%20b.test", "/%0D%0AHost:%20b.test", "a.test"},
           Sent{"http://a.test/%00%09%7F", "/%00%09%7F", "a.test"},
           Sent{"http://a.test//b.test/", "//b.test/", "a.test"},
           Sent{"http://a.test/http://b.test/", "/http://b.test/", "a.test"},
           Sent{"http://a.test/@b.test", "/@b.test", "a.test"},
           Sent{"http://a.test?@b.test/", "/?@b.test/", "a.test"},
           Sent{"http://a.test#@b.test/", "/", "a.test"},
           Sent{"http://a.test:0080/", "/", "a.test"},
           Sent{"http://a.test:65535/", "/", "a.test:65535"},
           Sent{"http://A.TEST/", "/", "a.test"},
           Sent{"http://xn--mnchen-3ya.test/", "/", "xn--mnchen-3ya.test"},
           Sent{"http://[::FFFF:127.0.0.1]/", "/", "[::ffff:127.0.0.1]"},
           Sent{"http://a.test/" + std::string(7900, 'a'), "/" + std::string(7900, 'a'), "a.test"},
       }) {
    const auto request = urls_.request_for(sent.url);
    ASSERT_TRUE(request) << sent.url;
    expect_one_request(*request, sent.url);
    EXPECT_TRUE(
        request->starts_with("GET " + sent.target + " HTTP/1.1\r\nHost: " + sent.host + "\r\n"))
        << *request;
  }
}

TEST_P(HostileUrlTest, WhatCouldMeanAnotherHostOrFileIsRefused) {
  for (const std::string url : {"file:///etc/passwd",
                                "http:/etc/passwd",
                                "http:///etc/passwd",
                                "http:\\\\b.test\\",
                                "http://a.test\\@b.test/",
                                "http://a.test\\.b.test/",
                                "http:/\\b.test/",
                                "http://a.test/\\..\\b",
                                "http://b.test@a.test/",
                                "http://b.test:80@a.test/",
                                "http://a.test:80:443/",
                                "http://a.test:+80/",
                                "http://a.test: 80/",
                                "http://a.test:80x/",
                                "http://a.test:0x50/",
                                "http://a.test:65616/",
                                "http://a.test%00.b.test/",
                                "http://a.test%2F@b.test/",
                                "http://a.test%23.b.test/",
                                "http://a.test%5C.b.test/",
                                "http://\xEF\xBC\x81.test/",
                                "http://a\xE3\x80\x82test/",
                                "http://%E2%84%80.test/",
                                "http://xn--a\xC3\xA9.test/",
                                "http://127.1/",
                                "http://0x7f000001/",
                                "http://2130706433/",
                                "http://[::1%25lo]/",
                                "http://[::1%lo]/",
                                "http://[fe80::1%250]/",
                                "http://a.test\t/",
                                "\thttp://a.test/",
                                "http://a.\ntest/",
                                "ht\ttp://a.test/",
                                "javascript:alert(1)",
                                "http://*/",
                                "http://a test/",
                                "http://a,b/",
                                "http://(a)/",
                                "http://'a'/"}) {
    EXPECT_FALSE(urls_.request_for(url)) << url;
  }
}

TEST_P(HostileUrlTest, ARedirectElsewhereGoesNowhere) {
  ScriptedServer elsewhere([](TestStream& peer) { peer.send(ok_answer("taken in")); });
  for (const int status : {301, 302, 303, 307, 308}) {
    ScriptedServer server([&](TestStream& peer) {
      (void)read_request(peer);
      peer.send("HTTP/1.1 " + std::to_string(status) + " Elsewhere\r\nLocation: http://" +
                elsewhere.endpoint().text() + "/\r\nRefresh: 0; url=http://" +
                elsewhere.endpoint().text() + "/\r\nContent-Length: 3\r\n\r\nbye");
      peer.wait_for_end();
    });
    const HttpClient client{ClientOptions{}};
    EXPECT_EQ(GetParam().fetch(client, server.fetch("a.test")).bytes, 3U);
    server.stop();
    EXPECT_EQ(server.connections(), 1U);
  }
  elsewhere.stop();
  EXPECT_EQ(elsewhere.connections(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Ways, HostileUrlTest, testing::ValuesIn(ways_to_fetch()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace concurrency_models
