#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "concurrency_models/fetch.h"

namespace concurrency_models::fuzz {

/// What went over the wire in one fetch, and what the client made of it.
struct Exchange {
  std::string request;
  FetchResult result;
  std::string body;  ///< what was kept of it, if that was asked for
};

enum class Keep { nothing, body };

/// Fetches `url`, whose scheme must be http, from a server on loopback that reads the request,
/// sends `parts` and then ends the connection. The client is the library's own HttpExchange over a
/// real connection; it has read each part before the next one is sent, so that the parts decide
/// where its reads end. Both ends are driven by the calling thread.
///
/// A client that neither ends nor asks for what it was sent breaks a property (require). Throws
/// std::system_error if loopback is not to be had.
[[nodiscard]] Exchange exchange_over_loopback(const Url& url,
                                              std::optional<std::uint64_t> expected_bytes,
                                              const std::vector<std::string_view>& parts,
                                              Keep keep);

}  // namespace concurrency_models::fuzz
