#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace concurrency_models {

/// The parts of an absolute http or https URL that a request needs.
///
/// Invariant of a parsed Url: `host` is a lower-case registered name or an IP literal without
/// brackets, `port` is never 0, `target` begins with '/' and holds no fragment, and no part holds a
/// control character or a blank, so that none can smuggle a header into a request.
struct Url {
  bool secure = false;  ///< https, as opposed to http
  std::string host;
  std::uint16_t port = 0;
  std::string target;  ///< path and query, as sent in the request line

  /// The canonical text, with the port left out where it is the scheme's own.
  [[nodiscard]] std::string text() const;
  /// Value of the Host header: the host, bracketed if it is an IPv6 literal, and an unusual port.
  [[nodiscard]] std::string authority() const;

  friend bool operator==(const Url&, const Url&) = default;
};

/// Parses by RFC 3986. Throws std::invalid_argument, whose text says what is wrong with `text`, for
/// anything but an absolute http or https URL with a host; user information is refused, because it
/// would never be sent, and so are names that are not ASCII: give those in their "xn--" form. So
/// are names whose last part is a number, which resolvers take for addresses.
[[nodiscard]] Url parse_url(std::string_view text);

}  // namespace concurrency_models
