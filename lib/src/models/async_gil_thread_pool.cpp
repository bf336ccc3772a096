// The event loop; blocking steps are offloaded to N threads; only one of them all, the loop's
// thread included, computes at a time, as under Python's global lock.
#include <boost/asio/execution.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/require.hpp>
#include <type_traits>
#include <utility>

#include "models/awaitable_threads.h"
#include "models/event_loop.h"
#include "models/interpreter_lock.h"
#include "models/models.h"

namespace concurrency_models::models {
namespace {

namespace asio = boost::asio;

/// The loop's share of the lock: taken by the first handler after a wait, kept by those that
/// follow. On the loop's thread only.
class LoopShare {
 public:
  explicit LoopShare(InterpreterLock& lock) : lock_(lock) {}

  void take() {
    if (!std::exchange(held_, true)) lock_.acquire();
  }
  void give_back() {
    if (std::exchange(held_, false)) lock_.release();
  }
  void safepoint() { lock_.safepoint(); }

 private:
  InterpreterLock& lock_;
  bool held_ = false;
};

/// An io_context's executor whose handlers take the loop's share of the lock before they run.
template <class Inner>
class LockingExecutor {
 public:
  LockingExecutor(Inner inner, LoopShare& share) : inner_(std::move(inner)), share_(&share) {}

  template <class Function>
  void execute(Function function) const {
    inner_.execute([share = share_, function = std::move(function)]() mutable {
      share->take();
      std::move(function)();
    });
  }

  template <class Property>
  auto query(const Property& property) const noexcept
      -> decltype(asio::query(std::declval<const Inner&>(), property)) {
    return asio::query(inner_, property);
  }
  template <class Property>
  auto require(const Property& property) const -> LockingExecutor<
      std::decay_t<decltype(asio::require(std::declval<const Inner&>(), property))>> {
    return {asio::require(inner_, property), *share_};
  }
  template <class Property>
  auto prefer(const Property& property) const -> LockingExecutor<
      std::decay_t<decltype(asio::prefer(std::declval<const Inner&>(), property))>> {
    return {asio::prefer(inner_, property), *share_};
  }

  friend bool operator==(const LockingExecutor& a, const LockingExecutor& b) noexcept {
    return a.inner_ == b.inner_ && a.share_ == b.share_;
  }
  friend bool operator!=(const LockingExecutor& a, const LockingExecutor& b) noexcept {
    return !(a == b);
  }

 private:
  Inner inner_;
  LoopShare* share_;
};

/// Like the loop's own run(), but holds the lock unless it waits.
void run_with_lock(asio::io_context& loop, LoopShare& share) {
  while (true) {
    share.take();
    while (loop.poll_one() > 0) share.safepoint();
    share.give_back();
    if (loop.stopped()) return;
    loop.run_one();  // waits, and its handler takes the lock
  }
}

}  // namespace

WorkersUsed async_gil_thread_pool(JobRun& jobs, unsigned workers) {
  InterpreterLock lock;
  LoopShare share(lock);
  asio::io_context loop(1);
  AwaitableThreads pool(workers);
  const auto offload = [&](std::size_t job) {
    return pool.run([&jobs, &lock, job](unsigned worker) {
      const Holding holding(lock);
      jobs.blocking_step(job, worker, false, &lock);
    });
  };
  run_on_event_loop(
      LockingExecutor(loop.get_executor(), share), jobs, offload, [&pool] { pool.close(); },
      [&] { run_with_lock(loop, share); });
  return pool.join();
}

}  // namespace concurrency_models::models
