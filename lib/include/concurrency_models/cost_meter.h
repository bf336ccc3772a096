#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "concurrency_models/http_client.h"
#include "concurrency_models/ideal_time.h"
#include "concurrency_models/measure.h"
#include "concurrency_models/workload.h"

namespace concurrency_models {

/// Finds out what jobs cost when nothing else goes on, and what can compute at once: what
/// ideal_time wants to know.
///
/// Measures when it is first asked for something, which takes some tens of milliseconds each, and
/// remembers it. Forks, so that the process must have one thread only, as for models that fork. Not
/// for use while something is being measured.
class CostMeter {
 public:
  /// `client` must outlive the meter. `origin_cpu` is the clock of the origin fetched from, if it
  /// has one: without it, its computing is taken for none.
  CostMeter(const HttpClient& client, OriginCpuClock origin_cpu);

  /// By job; nothing if one's cost cannot be told, because it reads a file, or fetches from where
  /// the latency is not known or the answer fails.
  [[nodiscard]] std::optional<std::vector<JobCost>> costs(const Workload& workload);

  /// In cores' worth of computing, at most available_cores(). Throws if the system refuses the
  /// processes to find out.
  [[nodiscard]] double capacity();

 private:
  struct FetchCost {
    Seconds client;
    Seconds origin;
  };

  [[nodiscard]] StepCost cost(const Fibonacci& work);
  [[nodiscard]] std::optional<StepCost> cost(const Fetch& fetch);
  [[nodiscard]] std::optional<FetchCost> measure_fetch(const Fetch& fetch) const;

  const HttpClient& client_;
  OriginCpuClock origin_cpu_;
  std::optional<Seconds> fibonacci_cpu_;  ///< of the number that is measured
  std::optional<double> capacity_;
  /// By whether they are secure and by the length of their bodies.
  std::map<std::pair<bool, std::uint64_t>, std::optional<FetchCost>> fetches_;
};

}  // namespace concurrency_models
