// N threads take jobs in order, only one of them computing at a time, as under Python's global
// lock.
#include "models/interpreter_lock.h"
#include "models/models.h"
#include "models/shared_jobs.h"

namespace concurrency_models::models {

WorkersUsed gil_thread_pool(JobRun& jobs, unsigned workers) {
  InterpreterLock lock;
  return share_among_threads(jobs, workers, [&](JobQueue& queue, unsigned worker) {
    const Holding holding(lock);
    while (const auto job = queue.claim(worker)) jobs.run(*job, worker, &lock);
  });
}

}  // namespace concurrency_models::models
