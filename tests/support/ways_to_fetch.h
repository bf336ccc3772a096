#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "concurrency_models/http_client.h"

namespace concurrency_models {

/// One of the client's twins: what is said of one must hold for the other.
struct WayToFetch {
  std::string name;
  FetchResult (*fetch)(const HttpClient& client, const Fetch& fetch);

  friend std::ostream& operator<<(std::ostream& out, const WayToFetch& way) {
    return out << way.name;
  }
};

/// HttpClient::async_get, run to its end on an event loop of its own.
[[nodiscard]] FetchResult await_get(const HttpClient& client, const Fetch& fetch);

/// get and async_get, as values for a parameterised suite.
[[nodiscard]] std::vector<WayToFetch> ways_to_fetch();

}  // namespace concurrency_models
