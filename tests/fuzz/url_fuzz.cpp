// Any text as a URL: what is taken is fit for a request, and its canonical text means the same.

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

#include "concurrency_models/url.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/require.h"

namespace concurrency_models::fuzz {
namespace {

std::optional<Url> parsed(std::string_view text) try {
  return parse_url(text);
} catch (const std::invalid_argument& error) {
  require_message(error.what());
  return std::nullopt;
}

void require_host(const std::string& host) {
  require(!host.empty(), "there is a host");
  require(std::all_of(host.begin(), host.end(),
                      [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                               c == '.' || c == '_' || c == ':';
                      }),
          "a host is a lower-case name or an address", host);
}

}  // namespace

void try_input(std::string_view input) {
  const std::optional<Url> url = parsed(input);
  if (!url) return;
  require_host(url->host);
  require(url->port != 0, "a port is never 0");
  require(url->target.starts_with('/'), "a target begins with '/'", url->target);
  require(url->target.find('#') == std::string::npos, "no fragment is sent", url->target);
  require(!could_end_a_field(url->target), "a target cannot end its line", url->target);
  require(!could_end_a_field(url->authority()), "a host cannot end its header", url->authority());

  const std::string text = url->text();
  require(parsed(text) == url, "the canonical text parses to the same", text);
  const std::optional<Url> site = parsed((url->secure ? "https://" : "http://") + url->authority());
  require(site && site->host == url->host && site->port == url->port,
          "the Host header names the host and port that are connected to", url->authority());
}

}  // namespace concurrency_models::fuzz
