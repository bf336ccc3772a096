#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

#include "concurrency_models/job_run.h"

namespace concurrency_models::models {

/// What an exception that leaves a coroutine does: it leaves io_context::run.
inline constexpr auto rethrow = [](const std::exception_ptr& exception) {
  if (exception) std::rethrow_exception(exception);
};

/// Runs all jobs on `loop`, on this thread: all requests at once, and for each that goes on
/// `blocking_step(job)`, an awaitable that sends the job's second half wherever it should run.
/// `all_done()` is called on the loop when the last job is through; the loop's run returns when it
/// has nothing left to wait for.
template <class BlockingStep, class AllDone>
void run_on_event_loop(boost::asio::io_context& loop, JobRun& jobs, BlockingStep blocking_step,
                       AllDone all_done) {
  std::size_t left = jobs.size();
  const auto run_job = [&](std::size_t job) -> boost::asio::awaitable<void> {
    if (co_await jobs.request(job)) co_await blocking_step(job);
    if (--left == 0) all_done();
  };
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    boost::asio::co_spawn(loop, run_job(job), rethrow);
  }
  if (left == 0) all_done();
  loop.run();
}

}  // namespace concurrency_models::models
