// Any bytes as what a server answers, in any pieces: what the client accepts is exactly what was
// asked for, says a second reader of the same bytes, and the pieces make no difference.
//
// The first four bytes of an input are settings:
//   0     bit 0: the length of the body is known to the client; bit 1: it keeps the body
//   1, 2  that length, the lower byte first
//   3     how the answer is cut into pieces
// The rest is the answer, with two escapes so that a few bytes make long or fitting ones:
//   FE n    the next n bytes of the origin's pattern
//   FD c n  256 * n times the character c

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "concurrency_models/http_client.h"
#include "concurrency_models/origin_protocol.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/loopback_exchange.h"
#include "fuzz/require.h"

namespace concurrency_models::fuzz {
namespace {

struct Settings {
  std::optional<std::uint64_t> expected_bytes;
  Keep keep = Keep::nothing;
  unsigned cut = 0;
};

unsigned byte_at(std::string_view text, std::size_t index) {
  return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
}

Settings settings_of(std::string_view input) {
  Settings settings;
  const unsigned flags = byte_at(input, 0);
  if ((flags & 1U) != 0) settings.expected_bytes = byte_at(input, 1) + (byte_at(input, 2) << 8U);
  if ((flags & 2U) != 0) settings.keep = Keep::body;
  settings.cut = byte_at(input, 3);
  return settings;
}

std::string answer_of(std::string_view input) {
  constexpr std::size_t settings_size = 4;
  constexpr std::size_t longest = std::size_t{512} << 10;
  constexpr unsigned pattern_escape = 0xFE;
  constexpr unsigned repeat_escape = 0xFD;
  constexpr std::size_t repeat_unit = 256;
  const std::string_view pattern = origin_pattern();
  std::string answer;
  std::size_t offset = 0;  // in the pattern
  for (std::size_t i = settings_size; i < input.size() && answer.size() < longest; ++i) {
    if (byte_at(input, i) == pattern_escape) {
      const std::size_t length = byte_at(input, ++i);
      for (std::size_t end = offset + length; offset < end; ++offset) {
        answer += pattern[offset % pattern.size()];
      }
    } else if (byte_at(input, i) == repeat_escape) {
      const unsigned character = byte_at(input, ++i);
      answer.append(repeat_unit * byte_at(input, ++i), static_cast<char>(character));
    } else {
      answer += input[i];
    }
  }
  return answer;
}

/// Few, even for a long answer: small ones first, where headers are.
std::vector<std::string_view> pieces_of(std::string_view answer, unsigned cut) {
  std::vector<std::string_view> pieces;
  constexpr unsigned growth = 16;
  std::size_t length = 1 + cut % growth;
  while (!answer.empty()) {
    pieces.push_back(answer.substr(0, length));
    answer.remove_prefix(pieces.back().size());
    length += cut / growth + (pieces.size() > 64 ? length : 0);
  }
  return pieces;
}

/// What a simple reader finds in an answer, without looking for what is wrong with it.
struct Reading {
  unsigned status = 0;
  /// Not set: it ends where the connection does or elsewhere, readers differ over that.
  std::optional<std::string> body;
};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

template <class Number>
std::optional<Number> number_at_start(std::string_view text, int base) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return number;
}

/// The values of all fields of this name, in lower case, with commas between them.
std::string field(std::string_view header, const std::string& name) {
  std::string lower = "\r\n" + lower_case(header);
  for (const std::string fold : {"\r\n ", "\r\n\t"}) {
    for (auto at = lower.find(fold); at != std::string::npos; at = lower.find(fold, at)) {
      lower.erase(at, fold.size() - 1);
    }
  }
  const std::string start = "\r\n" + name + ':';
  std::string values;
  for (auto at = lower.find(start); at != std::string::npos; at = lower.find(start, at + 1)) {
    const std::size_t value = at + start.size();
    const std::string text = lower.substr(value, lower.find("\r\n", value) - value);
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string::npos) continue;
    values += values.empty() ? "" : ", ";
    values += text.substr(first, text.find_last_not_of(" \t") - first + 1);
  }
  return values;
}

std::optional<std::string> read_chunks(std::string_view text) {
  constexpr int hexadecimal = 16;
  std::string body;
  while (true) {
    const auto size = number_at_start<std::size_t>(text, hexadecimal);
    const std::size_t line_end = text.find("\r\n");
    if (!size || line_end == std::string_view::npos) return std::nullopt;
    text.remove_prefix(line_end + 2);
    if (*size == 0) return body;
    if (text.size() < *size + 2 || text.substr(*size, 2) != "\r\n") return std::nullopt;
    body += text.substr(0, *size);
    text.remove_prefix(*size + 2);
  }
}

/// The first answer that is final. Empty: there is none, or not all of it.
std::optional<Reading> read_simply(std::string_view text) {
  while (true) {
    constexpr std::size_t status_at = 9;  // behind "HTTP/1.1 "
    constexpr int decimal = 10;
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string_view::npos || !text.starts_with("HTTP/1.")) return std::nullopt;
    const std::string_view header = text.substr(0, end + 2);
    const std::string_view rest = text.substr(end + 4);
    const auto status = number_at_start<unsigned>(header.substr(status_at), decimal);
    if (!status) return std::nullopt;
    if (*status / 100 == 1 && *status != 101) {
      text = rest;
      continue;
    }
    if (*status == 204 || *status == 304) return Reading{.status = *status, .body = std::string()};
    const std::string coding = field(header, "transfer-encoding");
    if (coding == "chunked") {
      auto body = read_chunks(rest);
      if (!body) return std::nullopt;
      return Reading{.status = *status, .body = std::move(body)};
    }
    if (!coding.empty()) return Reading{.status = *status, .body = std::nullopt};
    const std::string length_text = field(header, "content-length");
    if (length_text.empty()) return Reading{.status = *status, .body = std::string(rest)};
    const auto length = number_at_start<std::size_t>(length_text, decimal);
    if (!length || *length > rest.size()) return std::nullopt;
    return Reading{.status = *status, .body = std::string(rest.substr(0, *length))};
  }
}

void require_refusal(const FetchResult& result) {
  require_message(result.error.text());
  require(result.bytes == 0, "a refused answer has no bytes");
  require(result.error.stage == Stage::header || result.error.stage == Stage::body,
          "an answer is refused while it is read", result.error.text());
}

void require_accepted(const Exchange& exchange, const Settings& settings, std::string_view answer) {
  const std::uint64_t bytes = exchange.result.bytes;
  const std::optional<Reading> reading = read_simply(answer);
  require(reading.has_value(), "an accepted answer is complete");
  require(reading->status >= 200 && reading->status < 400, "an accepted answer has a good status");
  require(bytes <= HttpClient::body_limit, "a body is bounded");
  if (settings.keep == Keep::body) {
    require(exchange.body.size() == bytes, "a body is kept whole");
    require(!reading->body || exchange.body == *reading->body, "a kept body is the answer's");
  }
  require(!reading->body || bytes == reading->body->size(), "a body is as long as is said");
  if (settings.expected_bytes) {
    require(reading->status == 200, "what was asked for comes with status 200");
    require(bytes == *settings.expected_bytes, "a body is as long as it must be");
    require(!reading->body || matches_origin_pattern(0, *reading->body), "a body is as it must be");
    require(matches_origin_pattern(0, exchange.body), "a kept body is as it must be");
  }
}

}  // namespace

void try_input(std::string_view input) {
  static const Url url = parse_url("http://origin.test/");
  const Settings settings = settings_of(input);
  const std::string answer = answer_of(input);
  const Exchange whole =
      exchange_over_loopback(url, settings.expected_bytes, {answer}, settings.keep);
  const Exchange pieces = exchange_over_loopback(url, settings.expected_bytes,
                                                 pieces_of(answer, settings.cut), settings.keep);
  // Which of several flaws is named may differ: the parser sees the first that is complete.
  require(pieces.result.error.code.failed() == whole.result.error.code.failed(),
          "accepted in pieces if accepted whole",
          pieces.result.error.text() + "' and whole '" + whole.result.error.text());
  for (const Exchange& exchange : {whole, pieces}) {
    if (exchange.result.error.code) {
      require_refusal(exchange.result);
    } else {
      require_accepted(exchange, settings, answer);
    }
  }
}

}  // namespace concurrency_models::fuzz
