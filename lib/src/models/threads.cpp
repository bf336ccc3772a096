// A thread for every job.
#include <system_error>

#include "concurrency_models/thread_group.h"
#include "models/models.h"

namespace concurrency_models::models {

WorkersUsed threads(JobRun& jobs, unsigned /*workers*/) {
  ThreadGroup group;
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    try {
      group.start([&jobs, job](unsigned number) { jobs.run(job, number); });
    } catch (const std::system_error& error) {
      jobs.fail(job, {.stage = Stage::start, .code = error.code()});
    }
  }
  group.join();
  return {.processes = 0, .threads = group.size(), .children = {}};
}

}  // namespace concurrency_models::models
