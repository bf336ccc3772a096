#pragma once

#include <span>
#include <string_view>

#include "concurrency_models/measure.h"
#include "google_benchmark.h"

namespace concurrency_models::bench {

/// The measurement as counters of Google Benchmark. They are averaged already: plain values. What
/// the measurement lacks has no counter.
[[nodiscard]] benchmark::UserCounters to_counters(const Measurement& measurement);

/// The names of all there may be, ascending.
[[nodiscard]] std::span<const std::string_view> counter_names();

}  // namespace concurrency_models::bench
