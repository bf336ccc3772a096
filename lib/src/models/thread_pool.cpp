// N threads take jobs in order.
#include "models/models.h"
#include "models/shared_jobs.h"

namespace concurrency_models::models {

WorkersUsed thread_pool(JobRun& jobs, unsigned workers) {
  return share_among_threads(jobs, workers, [&jobs](JobQueue& queue, unsigned worker) {
    while (const auto job = queue.claim(worker)) jobs.run(*job, worker);
  });
}

}  // namespace concurrency_models::models
