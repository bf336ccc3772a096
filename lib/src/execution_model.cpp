#include "concurrency_models/execution_model.h"

#include <algorithm>

#include "concurrency_models/standard_workloads.h"

namespace concurrency_models {

bool can_keep_connections(const ExecutionModel& model) {
  return !(model.forks && model.policy == WorkerPolicy::per_job);
}

bool can_run(const ExecutionModel& model, std::string_view workload_name,
             ConnectionMode connection) {
  const auto& names = model.workloads;
  if (!names.empty() && std::find(names.begin(), names.end(), workload_name) == names.end()) {
    return false;
  }
  if (!fetches(workload_name) || connection == ConnectionMode::fresh) return true;
  if (model.has_own_client) return false;
  return connection == ConnectionMode::resumed || can_keep_connections(model);
}

std::size_t fetches_at_once(const ExecutionModel& model, unsigned workers, std::size_t in_flight) {
  // An event loop that awaits each job before it begins the next is a worker like any.
  const bool one_by_one = model.policy == WorkerPolicy::none && model.shape == ModelShape::workers;
  if (one_by_one) return 1;
  if (model.event_loop != EventLoop::absent) {
    // Where blocking steps stall the loop, workers have a loop each.
    const bool several =
        model.event_loop == EventLoop::stalled && model.policy == WorkerPolicy::bounded;
    const std::size_t loops = several ? workers : 1;
    return in_flight > all_jobs / loops ? all_jobs : in_flight * loops;
  }
  if (model.policy == WorkerPolicy::per_job) return all_jobs;
  return model.policy == WorkerPolicy::none ? 1 : workers;
}

RunReport run(const ExecutionModel& model, const Workload& workload, const HttpClient& client,
              unsigned workers, std::size_t in_flight) {
  JobRun jobs(workload, client, in_flight);
  WorkersUsed used = model.run(jobs, workers);
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    if (!jobs.done(job)) jobs.fail(job, {.stage = Stage::start, .code = Error::never_run});
  }
  return {.records = std::move(jobs.records()), .used = used};
}

}  // namespace concurrency_models
