#include "models/interpreter_lock.h"

namespace concurrency_models::models {

void InterpreterLock::acquire() {
  std::unique_lock guard(mutex_);
  while (held_) {
    const std::uint64_t before = times_taken_;
    const bool in_time = released_.wait_for(guard, switch_interval, [this] { return !held_; });
    if (!in_time && times_taken_ == before) requested_ = true;
  }
  held_ = true;
  ++times_taken_;
  requested_ = false;
  taken_.notify_all();
}

void InterpreterLock::release() {
  {
    const std::lock_guard guard(mutex_);
    held_ = false;
  }
  released_.notify_one();
}

void InterpreterLock::hand_over() {
  {
    std::unique_lock guard(mutex_);
    const std::uint64_t before = times_taken_;
    held_ = false;
    released_.notify_one();
    taken_.wait(guard, [&] { return times_taken_ != before; });
  }
  acquire();
}

}  // namespace concurrency_models::models
