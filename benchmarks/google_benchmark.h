#pragma once

#include <benchmark/benchmark.h>

#include <optional>
#include <string>

/// Where releases of Google Benchmark differ: 1.7.1 is the oldest supported, 1.8 renamed what a run
/// says of its error and gave times on the command line a unit.
namespace concurrency_models::bench {

template <class State>
concept HasSkipWithMessage = requires(State& state) {
  state.SkipWithMessage(std::string());
};

/// Added in the release (1.8.0) in which --benchmark_min_time=0.5 became --benchmark_min_time=0.5s.
inline constexpr bool times_carry_unit = HasSkipWithMessage<benchmark::State>;

/// Why the run has no result, if it has none.
template <class Run>
[[nodiscard]] std::optional<std::string> error_of(const Run& run) {
  if constexpr (requires { run.error_occurred; }) {
    if (run.error_occurred) return run.error_message;
  } else {
    if (static_cast<int>(run.skipped) != 0) return run.skip_message;
  }
  return std::nullopt;
}

}  // namespace concurrency_models::bench
