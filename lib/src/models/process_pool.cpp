// N processes take jobs in order. A worker that dies takes the job it was at with it; the others go
// on with the rest.
#include "concurrency_models/job_queue.h"
#include "concurrency_models/process_group.h"
#include "models/models.h"

namespace concurrency_models::models {

WorkersUsed process_pool(JobRun& jobs, unsigned workers) {
  JobQueue queue(jobs.records());
  queue.submit_all();
  ProcessGroup group;
  for (unsigned number = 0; number < workers; ++number) {
    group.start([&](unsigned worker) {
      while (const auto job = queue.claim(worker)) {
        jobs.run(*job, worker);
        if (ProcessGroup::parent_is_gone()) return;
      }
    });
  }
  for (unsigned number = 0; number < workers; ++number) {
    const int status = group.wait(number);
    jobs.fail_claimed(number, {.stage = Stage::work, .code = {status, process_exit_category()}});
  }
  return {.processes = group.size(), .threads = 0, .children = group.usage()};
}

}  // namespace concurrency_models::models
