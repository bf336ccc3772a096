// A thread for every job.
#include "concurrency_models/thread_group.h"
#include "models/models.h"
#include "models/one_per_job.h"

namespace concurrency_models::models {

WorkersUsed threads(JobRun& jobs, unsigned /*workers*/) {
  ThreadGroup group;
  start_one_per_job(group, jobs,
                    [&jobs](std::size_t job, unsigned number) { jobs.run(job, number); });
  group.join();
  return {.processes = 0, .threads = group.size(), .children = {}};
}

}  // namespace concurrency_models::models
