#pragma once

#include <chrono>

namespace concurrency_models {

/// Durations as they are reported: fractions of seconds.
using Seconds = std::chrono::duration<double>;

}  // namespace concurrency_models
