#include "concurrency_models/execution_model.h"

namespace concurrency_models {

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
