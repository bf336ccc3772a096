// A process for every job.
#include <system_error>
#include <vector>

#include "concurrency_models/process_group.h"
#include "models/models.h"

namespace concurrency_models::models {

WorkersUsed processes(JobRun& jobs, unsigned /*workers*/) {
  ProcessGroup group;
  std::vector<std::size_t> started;
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    try {
      group.start([&jobs, job](unsigned number) { jobs.run(job, number); });
      started.push_back(job);
    } catch (const std::system_error& error) {
      jobs.fail(job, {.stage = Stage::start, .code = error.code()});
    }
  }
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
