#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "concurrency_models/thread_hooks.h"

namespace concurrency_models::models {

/// A lock with the rules of CPython's global interpreter lock, so that only one thread computes at
/// a time: a thread holds it whenever it does not block in the kernel. One that has waited for it
/// for the switch interval asks for it; the holder gives it up at its next safepoint and does not
/// take it back before another thread has had it.
///
/// Rules: https://github.com/python/cpython/blob/3.11/Python/ceval_gil.h, "Notes about the
/// implementation"; interval: https://docs.python.org/3.11/library/sys.html#sys.setswitchinterval.
class InterpreterLock final : public ThreadHooks {
 public:
  static constexpr std::chrono::milliseconds switch_interval{5};

  void acquire();
  void release();

  void before_blocking() override { release(); }
  void after_blocking() override { acquire(); }
  void safepoint() override {
    if (requested_.load(std::memory_order_relaxed)) hand_over();
  }

 private:
  void hand_over();

  std::mutex mutex_;
  std::condition_variable released_;
  std::condition_variable taken_;
  bool held_ = false;
  std::uint64_t times_taken_ = 0;
  std::atomic<bool> requested_{false};  ///< by a thread that waits: it cannot go away meanwhile
};

/// Holds the lock while it exists.
class Holding {
 public:
  explicit Holding(InterpreterLock& lock) : lock_(lock) { lock_.acquire(); }
  ~Holding() { lock_.release(); }
  Holding(const Holding&) = delete;
  Holding& operator=(const Holding&) = delete;
  Holding(Holding&&) = delete;
  Holding& operator=(Holding&&) = delete;

 private:
  InterpreterLock& lock_;
};

}  // namespace concurrency_models::models
