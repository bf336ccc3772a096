#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "concurrency_models/execution_model.h"

namespace concurrency_models::bench {

/// Why so many jobs of the workload are more than the system has room for under this model, as a
/// clause that names the limit and how to raise it; nothing if they are not, or it does not tell.
///
/// `workers` as ExecutionModel::run takes it, `in_flight` as JobRun does.
///
/// Looked at beforehand, because whoever finds out by using the system up takes from all others on
/// it what they need: a quarter of each limit is left to them.
[[nodiscard]] std::optional<std::string> job_limit(const ExecutionModel& model,
                                                   std::string_view workload, std::size_t jobs,
                                                   unsigned workers, std::size_t in_flight);

}  // namespace concurrency_models::bench
