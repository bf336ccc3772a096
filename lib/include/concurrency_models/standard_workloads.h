#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "concurrency_models/fetch.h"
#include "concurrency_models/origin_protocol.h"
#include "concurrency_models/workload.h"

namespace concurrency_models {

/// The Fibonacci numbers `low` to `high`, ascending, `repeat` times over.
struct FibonacciRange {
  unsigned low = 32;
  unsigned high = 38;
  unsigned repeat = 3;

  /// What the mixed workload computes in each job: the third largest, or the smallest of fewer.
  [[nodiscard]] unsigned third_largest() const;
};

inline constexpr std::size_t default_fetches = 30;

/// The ten hosts as fetches from an origin at `endpoint`, latencies multiplied by `latency_scale`.
[[nodiscard]] std::vector<Fetch> origin_fetches(bool secure, const Endpoint& endpoint,
                                                double latency_scale);

/// The study's four workloads:
///  - io: `io_jobs` fetches, the sites in order, again and again;
///  - cpu: the Fibonacci numbers of `range`;
///  - mixed: the first 10 fetches of io, each followed by one Fibonacci number;
///  - blocking: the first 20 fetches of io, each followed by the same fetch as a blocking step.
/// `sites` must not be empty.
[[nodiscard]] std::vector<Workload> standard_workloads(const std::vector<Fetch>& sites,
                                                       std::size_t io_jobs,
                                                       const FibonacciRange& range);

/// "convoy": the largest Fibonacci number of `range`, then the first 10 fetches of io. It shows
/// what becomes of threads that wait for the network when one that computes holds what they need.
[[nodiscard]] Workload convoy_workload(const std::vector<Fetch>& sites,
                                       const FibonacciRange& range);

/// To see how models scale with the number of jobs: "io" with so many fetches, the sites in order,
/// again and again; "cpu" with so many times the same small Fibonacci number, which takes some tens
/// of microseconds; or "empty", of jobs that do nothing. `name` is one of these.
inline constexpr unsigned scaled_fibonacci = 20;
[[nodiscard]] Workload scaled_workload(std::string_view name, const std::vector<Fetch>& sites,
                                       std::size_t jobs);

/// "disk": one file after another.
[[nodiscard]] Workload disk_workload(const std::vector<FileRead>& files);

/// Names of the four, in the order of standard_workloads, for those who need no jobs yet.
[[nodiscard]] const std::array<std::string_view, 4>& standard_workload_names();
/// Whether the jobs of the workload of this name fetch anything.
[[nodiscard]] bool fetches(std::string_view workload_name);
/// Names of all workloads there are: the four, then the others.
[[nodiscard]] std::span<const std::string_view> all_workload_names();

}  // namespace concurrency_models
