// One event loop on one thread, all requests at once, by stackful coroutines; a blocking step runs
// on the loop and stalls it.
#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/spawn.hpp>

#include "fetch_waits.h"
#include "models/event_loop.h"
#include "models/models.h"

namespace concurrency_models::models {
namespace {

namespace asio = boost::asio;

FetchResult drive(PendingFetch fetch, const asio::yield_context& yield) {
  if (fetch.need() == Need::nothing) return fetch.result();
  FetchWaits<asio::any_io_executor> waits(yield.get_executor(), fetch);
  while (fetch.need() != Need::nothing) {
    boost::system::error_code failed;
    waits.async_wait(yield[failed]);
    waits.proceed(failed);
  }
  return fetch.result();
}

}  // namespace

WorkersUsed fibers(JobRun& jobs, unsigned /*workers*/) {
  asio::io_context loop(1);
  const std::size_t at_once = std::min(jobs.in_flight(), jobs.size());
  std::size_t next = at_once;
  for (std::size_t first = 0; first < at_once; ++first) {
    const auto run_jobs = [&jobs, &next, first](const asio::yield_context& yield) {
      for (std::size_t job = first; job < jobs.size();) {
        const FetchResult result = drive(jobs.begin_request(job), yield);
        if (jobs.end_request(job, result)) jobs.blocking_step(job, 0, true);
        job = next++;
        if (job < jobs.size()) asio::post(yield);  // behind all that is ready
      }
    };
    asio::spawn(loop, run_jobs, rethrow);
  }
  loop.run();
  return {};
}

}  // namespace concurrency_models::models
