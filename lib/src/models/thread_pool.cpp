// N threads take jobs in order.
#include "concurrency_models/job_queue.h"
#include "concurrency_models/thread_group.h"
#include "models/models.h"

namespace concurrency_models::models {

WorkersUsed thread_pool(JobRun& jobs, unsigned workers) {
  JobQueue queue(jobs.records());
  queue.submit_all();
  ThreadGroup group;
  for (unsigned number = 0; number < workers; ++number) {
    group.start([&](unsigned worker) {
      while (const auto job = queue.claim(worker)) jobs.run(*job, worker);
    });
  }
  group.join();
  return {.processes = 0, .threads = group.size(), .children = {}};
}

}  // namespace concurrency_models::models
