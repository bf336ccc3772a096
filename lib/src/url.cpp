#include "concurrency_models/url.h"

#include <algorithm>
#include <boost/url/authority_view.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <cctype>
#include <charconv>
#include <limits>
#include <stdexcept>
#include <system_error>

#include "host_name.h"

namespace concurrency_models {
namespace {

std::uint16_t default_port(bool secure) { return secure ? 443 : 80; }

constexpr std::size_t max_url_length = 8000;  // RFC 9110, 4.1: what all should support

void require_length(std::string_view url) {
  if (url.size() > max_url_length) {
    throw std::invalid_argument("a URL of more than " + std::to_string(max_url_length) +
                                " characters");
  }
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

/// Resolvers take such names for addresses in forms of old: "0x7f.1", "127.1", "2130706433" and
/// "0177.0.0.1" are all 127.0.0.1 to them, and may be none to whoever looked at the URL before.
bool ends_in_number(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string_view last = name.substr(name.rfind('.') + 1);
  const bool hexadecimal = last.starts_with("0x");
  if (hexadecimal) last.remove_prefix(2);
  return (hexadecimal || !last.empty()) &&
         std::all_of(last.begin(), last.end(), [hexadecimal](unsigned char c) {
           return hexadecimal ? std::isxdigit(c) != 0 : std::isdigit(c) != 0;
         });
}

/// Boost.Url's own port_number() makes another port of one that is too large.
std::uint16_t parse_port(std::string_view digits) {
  unsigned port = 0;
  const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), port).ec;
  if (error != std::errc{} || port == 0 || port > std::numeric_limits<std::uint16_t>::max()) {
    throw std::invalid_argument("the port is not from 1 to 65535");
  }
  return static_cast<std::uint16_t>(port);
}

}  // namespace

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string text = v6 ? '[' + host + ']' : host;
  if (port != default_port(secure)) text += ':' + std::to_string(port);
  return text;
}

std::string Url::text() const { return (secure ? "https://" : "http://") + authority() + target; }

Url parse_url(std::string_view text) {
  require_length(text);
  const auto parsed = boost::urls::parse_uri(text);
  const auto not_absolute = [] {
    return std::invalid_argument("not an absolute URL such as https://example.org/");
  };
  if (!parsed) throw not_absolute();
  const boost::urls::url_view& view = *parsed;

  Url url;
  if (view.scheme_id() == boost::urls::scheme::https) {
    url.secure = true;
  } else if (view.scheme_id() != boost::urls::scheme::http) {
    throw std::invalid_argument("the scheme is neither http nor https");
  }
  if (view.has_userinfo()) throw std::invalid_argument("user information is not supported");

  const boost::urls::host_type host_type = view.host_type();
  if (host_type == boost::urls::host_type::ipv6) {
    url.host = lower_case(view.host_address());
  } else if (host_type == boost::urls::host_type::ipv4) {
    url.host = view.host_address();
  } else if (host_type == boost::urls::host_type::name) {
    url.host = lower_case(view.host_name());
    // Percent-encoded ones would slip through as text, and "%3127.0.0.1x" as what no URL can hold.
    if (!is_host_name(url.host) || !boost::urls::parse_authority(url.host)) {
      throw std::invalid_argument("not a host name");
    }
    if (ends_in_number(url.host)) {
      throw std::invalid_argument("not a host name; an IPv4 address has the form 127.0.0.1");
    }
  }
  if (url.host.empty()) throw std::invalid_argument("there is no host");

  url.port = default_port(url.secure);
  if (view.has_port() && !view.port().empty()) url.port = parse_port(view.port());
  // The library takes what follows an empty port, as in "https://host:x/", for a path.
  const std::string_view path = view.encoded_path();
  if (!path.empty() && path.front() != '/') throw not_absolute();
  url.target = std::string(view.encoded_resource());
  if (const auto hash = url.target.find('#'); hash != std::string::npos) url.target.erase(hash);
  if (path.empty()) url.target.insert(0, 1, '/');
  require_length(url.text());  // which may have gained a character
  return url;
}

}  // namespace concurrency_models
