#include "models/event_loop.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "concurrency_models/process_group.h"

namespace concurrency_models::models {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> run_job(JobRun& jobs, std::size_t job, unsigned worker) {
  // Awaited in the condition itself, gcc 12 forgets where to resume.
  const bool goes_on = co_await jobs.request(job, worker);
  if (goes_on) jobs.blocking_step(job, worker, true);
}

asio::awaitable<void> take_jobs(JobRun& jobs, JobQueue& queue, unsigned worker) {
  const auto executor = co_await asio::this_coro::executor;
  while (const auto job = queue.claim(worker)) {
    asio::co_spawn(executor, run_job(jobs, *job, worker), rethrow);
    if (ProcessGroup::parent_is_gone()) co_return;
    co_await asio::post(asio::use_awaitable);
  }
}

}  // namespace

void run_share_on_event_loop(JobRun& jobs, JobQueue& queue, unsigned worker) {
  asio::io_context loop(1);
  asio::co_spawn(loop, take_jobs(jobs, queue, worker), rethrow);
  loop.run();
}

}  // namespace concurrency_models::models
