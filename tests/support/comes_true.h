#pragma once

#include <chrono>
#include <thread>

#include "support/test_stream.h"

namespace concurrency_models {

/// Asks again and again, until the watchdog, for what happens without an event to wait for: what
/// the kernel shows in /proc, for instance.
template <class Condition>
[[nodiscard]] bool comes_true(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + watchdog;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace concurrency_models
