// A process for every job.
#include "concurrency_models/process_group.h"
#include "models/models.h"
#include "models/one_per_job.h"

namespace concurrency_models::models {

WorkersUsed processes(JobRun& jobs, unsigned /*workers*/) {
  ProcessGroup group;
  const std::vector<std::size_t> started = start_one_per_job(
      group, jobs, [&jobs](std::size_t job, unsigned number) { jobs.run(job, number); });
  for (unsigned number = 0; number < group.size(); ++number) {
    const int status = group.wait(number);
    const std::size_t job = started[number];
    if (!jobs.done(job)) {
      jobs.fail(job, {.stage = Stage::work, .code = {status, process_exit_category()}});
    }
  }
  return {.processes = group.size(), .threads = 0, .children = group.usage()};
}

}  // namespace concurrency_models::models
