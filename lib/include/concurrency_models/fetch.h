#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "concurrency_models/endpoint.h"
#include "concurrency_models/job_error.h"
#include "concurrency_models/url.h"

namespace concurrency_models {

/// One GET of one URL at an address that is known already.
struct Fetch {
  Url url;
  Endpoint endpoint;
  /// Set: the body must be exactly this long and carry the origin's pattern (see origin_target).
  /// Not set: any answer below 400 counts, whatever it holds.
  std::optional<std::uint64_t> expected_bytes;
  /// How long the server waits before it answers, where that is known. The fetch itself does not
  /// look at it.
  std::optional<std::chrono::microseconds> latency = {};
};

/// What came of one fetch: the length of the body, or why there is none.
struct FetchResult {
  std::uint64_t bytes = 0;
  /// It resumed a TLS session or went over a connection that was there already.
  bool reused = false;
  JobError error;
};

}  // namespace concurrency_models
