// The one place where models are chosen: a new model is a row here and a file beside this one.
#include <algorithm>
#include <array>

#include "models/models.h"

namespace concurrency_models {

unsigned thread_pool_workers(unsigned cores) { return std::min(32U, cores + 4); }
unsigned process_pool_workers(unsigned cores) { return cores; }

std::span<const ExecutionModel> standard_models() {
  using enum WorkerPolicy;
  // name, workers, event loop, forks, default number of workers, function
  static const std::array<ExecutionModel, 9> table = {{
      {"sequential", none, false, false, {}, models::sequential},
      {"threads", per_job, false, false, {}, models::threads},
      {"processes", per_job, false, true, {}, models::processes},
      {"thread_pool", bounded, false, false, thread_pool_workers, models::thread_pool},
      {"process_pool", bounded, false, true, process_pool_workers, models::process_pool},
      {"async", none, true, false, {}, models::async},
      {"async_sequential", none, true, false, {}, models::async_sequential},
      {"async_thread_pool", bounded, true, false, thread_pool_workers, models::async_thread_pool},
      {"async_process_pool", bounded, true, true, process_pool_workers, models::async_process_pool},
  }};
  return table;
}

}  // namespace concurrency_models
