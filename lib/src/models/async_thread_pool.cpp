// The event loop; blocking steps are offloaded to N threads.
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "concurrency_models/thread_group.h"
#include "models/event_loop.h"
#include "models/models.h"

namespace concurrency_models::models {
namespace {

namespace asio = boost::asio;

/// The number of the pool thread this is, set by itself.
thread_local unsigned this_worker = 0;

/// Runs `work` on a thread of `pool` and resumes the awaiting coroutine on its own loop.
template <class Work>
asio::awaitable<void> offload(asio::io_context& pool, Work work) {
  return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&pool](auto handler, Work task) {
        // Work that is counted keeps the loop from running dry meanwhile.
        auto loop = asio::prefer(asio::get_associated_executor(handler),
                                 asio::execution::outstanding_work.tracked);
        asio::post(pool, [loop = std::move(loop), handler = std::move(handler),
                          task = std::move(task)]() mutable {
          task();
          asio::post(loop, std::move(handler));
        });
      },
      asio::use_awaitable, std::move(work));
}

}  // namespace

WorkersUsed async_thread_pool(JobRun& jobs, unsigned workers) {
  asio::io_context loop(1);
  asio::io_context pool(static_cast<int>(workers));
  ThreadGroup group;  // after the pool, so that its threads are joined before that goes
  auto more_to_come = asio::make_work_guard(pool);  // after the group: let go before the joining
  for (unsigned number = 0; number < workers; ++number) {
    group.start([&pool](unsigned worker) {
      this_worker = worker;
      pool.run();
    });
  }
  const auto offload_step = [&](std::size_t job) {
    return offload(pool, [&jobs, job] { jobs.blocking_step(job, this_worker, false); });
  };
  run_on_event_loop(loop, jobs, offload_step, [&] { more_to_come.reset(); });
  group.join();
  return {.processes = 0, .threads = group.size(), .children = {}};
}

}  // namespace concurrency_models::models
