#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "concurrency_models/job_queue.h"
#include "concurrency_models/job_run.h"

namespace concurrency_models::models {

/// What an exception that leaves a coroutine does: it leaves io_context::run.
inline constexpr auto rethrow = [](const std::exception_ptr& exception) {
  if (exception) std::rethrow_exception(exception);
};

/// Runs all jobs on the loop of `executor`, on this thread: as many at once as may be in flight,
/// the next one when everything that is ready has had its turn, and for each whose request goes on
/// `blocking_step(job)`, an awaitable that sends the job's second half wherever it should run.
/// `all_done()` is called on the loop when the last job is through; `run_loop()` must run the loop
/// until it has nothing left to wait for.
template <class Executor, class BlockingStep, class AllDone, class RunLoop>
void run_on_event_loop(const Executor& executor, JobRun& jobs, BlockingStep blocking_step,
                       AllDone all_done, RunLoop run_loop) {
  std::size_t left = jobs.size();
  const std::size_t at_once = std::min(jobs.in_flight(), jobs.size());
  std::size_t next = at_once;
  const auto run_jobs = [&](std::size_t job) -> boost::asio::awaitable<void> {
    while (job < jobs.size()) {
      const bool goes_on = co_await jobs.request(job);
      if (goes_on) co_await blocking_step(job);
      if (--left == 0) all_done();
      job = next++;
      if (job < jobs.size()) co_await boost::asio::post(boost::asio::use_awaitable);
    }
  };
  for (std::size_t job = 0; job < at_once; ++job) {
    boost::asio::co_spawn(executor, run_jobs(job), rethrow);
  }
  if (left == 0) all_done();
  run_loop();
}

template <class BlockingStep, class AllDone>
void run_on_event_loop(boost::asio::io_context& loop, JobRun& jobs, BlockingStep blocking_step,
                       AllDone all_done) {
  run_on_event_loop(loop.get_executor(), jobs, blocking_step, all_done, [&loop] { loop.run(); });
}

/// What each of several workers does that have an event loop each and share the jobs: runs, on this
/// thread, those it can get from `queue`, as many at once as may be in flight, blocking steps on
/// the loop. It takes the next job when everything that is ready has had its turn, so that a loop
/// which a blocking step stalls leaves the rest to others.
void run_share_on_event_loop(JobRun& jobs, JobQueue& queue, unsigned worker);

}  // namespace concurrency_models::models
