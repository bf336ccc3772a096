#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "concurrency_models/execution_model.h"
#include "concurrency_models/seconds.h"

namespace concurrency_models {

/// What half a job takes when nothing else goes on: first the client computes, then the origin,
/// then both wait. Zero is what does not happen.
struct StepCost {
  Seconds client_cpu{};
  Seconds origin_cpu{};
  Seconds latency{};
};

/// What a job's two halves take; absent as they are in the job.
struct JobCost {
  std::optional<StepCost> request;
  std::optional<StepCost> blocking;
};

/// What can compute at once.
struct ComputingCapacity {
  /// How many cores' worth of computing the machine does for this process at once; at least 1.
  double cores = 1;
  /// The origin computes on those as well. Otherwise it has a core of its own.
  bool origin_shares = true;
};

/// The best wall time there is for these jobs under a model of such a shape and so many workers, by
/// simulation: whatever is not in `jobs` costs nothing. Jobs are taken in the order of the list.
/// The origin computes for one request at a time, in the order in which they come. If more than
/// fits the capacity computes at once, each gets an equal share. docs/methodology.md has the rules.
///
/// `workers` is at least 1: threads or processes, or event loops; `in_flight` as JobRun has it.
/// Takes about n log n steps. Pure.
[[nodiscard]] Seconds ideal_time(std::span<const JobCost> jobs, ModelShape shape,
                                 std::size_t workers, const ComputingCapacity& capacity,
                                 std::size_t in_flight = all_jobs);

/// The same for a model, with `workers` as ExecutionModel::run takes it; nothing if it has no
/// shape.
[[nodiscard]] std::optional<Seconds> ideal_time(std::span<const JobCost> jobs,
                                                const ExecutionModel& model, unsigned workers,
                                                const ComputingCapacity& capacity,
                                                std::size_t in_flight = all_jobs);

}  // namespace concurrency_models
