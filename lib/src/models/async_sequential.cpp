// The event loop, but each job is awaited before the next starts.
#include "models/event_loop.h"
#include "models/models.h"

namespace concurrency_models::models {
namespace {

boost::asio::awaitable<void> run_one_by_one(JobRun& jobs) {
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    const bool goes_on = co_await jobs.request(job);
    if (goes_on) jobs.blocking_step(job, 0, true);
  }
}

}  // namespace

WorkersUsed async_sequential(JobRun& jobs, unsigned /*workers*/) {
  boost::asio::io_context loop(1);
  boost::asio::co_spawn(loop, run_one_by_one(jobs), rethrow);
  loop.run();
  return {};
}

}  // namespace concurrency_models::models
