// One event loop on one thread, all requests at once; a blocking step runs on the loop and stalls
// it.
#include "models/event_loop.h"
#include "models/models.h"

namespace concurrency_models::models {

WorkersUsed async(JobRun& jobs, unsigned /*workers*/) {
  boost::asio::io_context loop(1);
  const auto stall = [&jobs](std::size_t job) -> boost::asio::awaitable<void> {
    jobs.blocking_step(job, 0, true);
    co_return;
  };
  run_on_event_loop(loop, jobs, stall, [] {});
  return {};
}

}  // namespace concurrency_models::models
