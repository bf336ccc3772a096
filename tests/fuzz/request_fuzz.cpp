// Any text as a URL, down to the bytes that a server gets: no URL adds to the request, names
// another host in it, or ends a line of it.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "concurrency_models/url.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/loopback_exchange.h"
#include "fuzz/require.h"

namespace concurrency_models::fuzz {
namespace {

std::string request_for(const Url& url) {
  static const std::vector<std::string_view> answer = {
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
  const Exchange exchange = exchange_over_loopback(url, std::nullopt, answer, Keep::nothing);
  require(!exchange.result.error.code, "an empty answer is an answer", url.text());
  return exchange.request;
}

/// By any line end that a server might take for one.
std::ptrdiff_t lines(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }) / 2;
}

/// All that stands behind the lines that depend on the URL.
const std::string& rest_of_every_request() {
  static const std::string rest = [] {
    const std::string request = request_for(parse_url("http://plain.test/"));
    const std::string start = "GET / HTTP/1.1\r\nHost: plain.test\r\n";
    require(request.starts_with(start), "a plain request begins like this", start);
    return request.substr(start.size());
  }();
  return rest;
}

}  // namespace

void try_input(std::string_view input) {
  std::optional<Url> url;
  try {
    url = parse_url(input);
  } catch (const std::invalid_argument&) {
    return;  // its text is the url target's business
  }
  url->secure = false;  // TLS changes nothing in what is sent
  const std::string wanted = "GET " + url->target + " HTTP/1.1\r\nHost: " + url->authority() +
                             "\r\n" + rest_of_every_request();
  const std::string sent = request_for(*url);
  require(lines(sent) == lines(rest_of_every_request()) + 2, "no URL adds a line", sent);
  require(sent == wanted, "a URL is in the request's target and Host and nowhere else", sent);
}

}  // namespace concurrency_models::fuzz
