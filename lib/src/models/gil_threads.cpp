// A thread for every job, only one of which computes at a time, as under Python's global lock.
#include "concurrency_models/thread_group.h"
#include "models/interpreter_lock.h"
#include "models/models.h"
#include "models/one_per_job.h"

namespace concurrency_models::models {

WorkersUsed gil_threads(JobRun& jobs, unsigned /*workers*/) {
  InterpreterLock lock;
  ThreadGroup group;
  lock.acquire();
  start_one_per_job(group, jobs, [&](std::size_t job, unsigned number) {
    const Holding holding(lock);
    jobs.run(job, number, &lock);
  });
  lock.release();
  group.join();
  return {.processes = 0, .threads = group.size(), .children = {}};
}

}  // namespace concurrency_models::models
