#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>

#include "concurrency_models/fetch.h"
#include "concurrency_models/job_error.h"
#include "support/test_stream.h"

namespace concurrency_models {

/// For fetches that a test lets run into their deadline.
inline constexpr std::chrono::milliseconds short_deadline(100);

/// What comes of `fetch(deadline)`, which stalls at `stage`. On a slow machine a short deadline may
/// pass before it gets there: then it is tried again with a longer one.
template <class Stalled>
[[nodiscard]] FetchResult let_deadline_pass_at(Stage stage, Stalled fetch) {
  FetchResult result;
  for (std::chrono::milliseconds deadline = short_deadline; deadline < watchdog; deadline *= 8) {
    const auto start = std::chrono::steady_clock::now();
    result = fetch(deadline);
    EXPECT_GE(std::chrono::steady_clock::now() - start, deadline);
    const bool too_early =
        result.error.code == Error::deadline_exceeded && result.error.stage < stage;
    if (!too_early) break;
  }
  return result;
}

}  // namespace concurrency_models
