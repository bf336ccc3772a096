// N processes take jobs in order.
#include "models/models.h"
#include "models/shared_jobs.h"

namespace concurrency_models::models {

WorkersUsed process_pool(JobRun& jobs, unsigned workers) {
  return share_among_processes(jobs, workers, [&jobs](JobQueue& queue, unsigned worker) {
    while (const auto job = queue.claim(worker)) {
      jobs.run(*job, worker);
      if (ProcessGroup::parent_is_gone()) return;
    }
  });
}

}  // namespace concurrency_models::models
