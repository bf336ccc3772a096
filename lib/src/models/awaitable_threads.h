#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "concurrency_models/execution_model.h"
#include "concurrency_models/thread_group.h"

namespace concurrency_models::models {

/// Worker threads whose work an event loop can await.
class AwaitableThreads {
 public:
  explicit AwaitableThreads(unsigned workers);

  /// Calls work(number) on a thread, its number from 0, and resumes on the awaiting loop.
  template <class Work>
  boost::asio::awaitable<void> run(Work work) {
    namespace asio = boost::asio;
    return asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [this](auto handler, Work task) {
          // Work that is counted keeps the loop from running dry meanwhile.
          auto loop = asio::prefer(asio::get_associated_executor(handler),
                                   asio::execution::outstanding_work.tracked);
          asio::post(pool_, [loop = std::move(loop), handler = std::move(handler),
                             task = std::move(task)]() mutable {
            task(this_worker());
            asio::post(loop, std::move(handler));
          });
        },
        asio::use_awaitable, std::move(work));
  }

  /// No more work will come: threads end when they have done what they are at.
  void close() { more_to_come_.reset(); }

  /// Once closed.
  [[nodiscard]] WorkersUsed join();

 private:
  /// The number of the pool thread this is.
  static unsigned this_worker();

  boost::asio::io_context pool_;
  ThreadGroup group_;  // after the pool, so that its threads are joined before that goes
  // After the group: let go before the joining.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> more_to_come_;
};

}  // namespace concurrency_models::models
