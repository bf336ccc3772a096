// The event loop; blocking steps are offloaded to N threads.
#include "models/awaitable_threads.h"
#include "models/event_loop.h"
#include "models/models.h"

namespace concurrency_models::models {

WorkersUsed async_thread_pool(JobRun& jobs, unsigned workers) {
  boost::asio::io_context loop(1);
  AwaitableThreads pool(workers);
  const auto offload = [&](std::size_t job) {
    return pool.run([&jobs, job](unsigned worker) { jobs.blocking_step(job, worker, false); });
  };
  run_on_event_loop(loop, jobs, offload, [&pool] { pool.close(); });
  return pool.join();
}

}  // namespace concurrency_models::models
