#include "concurrency_models/execution_model.h"

#include <limits>

namespace concurrency_models {

bool can_keep_connections(const ExecutionModel& model) {
  return !(model.forks && model.policy == WorkerPolicy::per_job);
}

std::size_t fetches_at_once(const ExecutionModel& model, unsigned workers) {
  constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
  if (model.event_loop != EventLoop::absent || model.policy == WorkerPolicy::per_job) {
    return no_limit;
  }
  return model.policy == WorkerPolicy::none ? 1 : workers;
}

RunReport run(const ExecutionModel& model, const Workload& workload, const HttpClient& client,
              unsigned workers) {
  JobRun jobs(workload, client);
  WorkersUsed used = model.run(jobs, workers);
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    if (!jobs.done(job)) jobs.fail(job, {.stage = Stage::start, .code = Error::never_run});
  }
  return {.records = std::move(jobs.records()), .used = used};
}

}  // namespace concurrency_models
