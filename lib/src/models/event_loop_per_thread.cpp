// N threads, each with an event loop of its own, share the jobs.
#include "models/event_loop.h"
#include "models/models.h"
#include "models/shared_jobs.h"

namespace concurrency_models::models {

WorkersUsed event_loop_per_thread(JobRun& jobs, unsigned workers) {
  return share_among_threads(jobs, workers, [&jobs](JobQueue& queue, unsigned worker) {
    run_share_on_event_loop(jobs, queue, worker);
  });
}

}  // namespace concurrency_models::models
