#include "models/event_loop.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "concurrency_models/process_group.h"

namespace concurrency_models::models {
namespace {

namespace asio = boost::asio;

/// What a worker's coroutines share.
struct Share {
  JobRun& jobs;
  JobQueue& queue;
  unsigned worker;
  /// A timer that never expires serves as an event: cancelling it tells that a job has ended.
  asio::steady_timer ended;
  std::size_t in_flight = 0;
};

asio::awaitable<void> run_job(Share& share, std::size_t job) {
  // Awaited in the condition itself, gcc 12 forgets where to resume.
  const bool goes_on = co_await share.jobs.request(job, share.worker);
  if (goes_on) share.jobs.blocking_step(job, share.worker, true);
  --share.in_flight;
  share.ended.cancel();
}

asio::awaitable<void> take_jobs(Share& share) {
  const auto executor = co_await asio::this_coro::executor;
  while (const auto job = share.queue.claim(share.worker)) {
    ++share.in_flight;
    asio::co_spawn(executor, run_job(share, *job), rethrow);
    if (ProcessGroup::parent_is_gone()) co_return;
    co_await asio::post(asio::use_awaitable);
    while (share.in_flight >= share.jobs.in_flight()) {
      co_await share.ended.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
}

}  // namespace

void run_share_on_event_loop(JobRun& jobs, JobQueue& queue, unsigned worker) {
  asio::io_context loop(1);
  Share share{.jobs = jobs,
              .queue = queue,
              .worker = worker,
              .ended = asio::steady_timer(loop, asio::steady_timer::time_point::max())};
  asio::co_spawn(loop, take_jobs(share), rethrow);
  loop.run();
}

}  // namespace concurrency_models::models
