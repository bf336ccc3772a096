#pragma once

namespace concurrency_models {

/// What running code tells whoever has a say in when its thread runs: that it is about to block in
/// the kernel, that it no longer does, and, from long computations, that it may be interrupted
/// here.
///
/// For models that do not let every thread run that could, such as those under an interpreter's
/// lock. Called on the thread that they speak of.
class ThreadHooks {
 public:
  ThreadHooks() = default;
  virtual ~ThreadHooks() = default;
  ThreadHooks(const ThreadHooks&) = delete;
  ThreadHooks& operator=(const ThreadHooks&) = delete;
  ThreadHooks(ThreadHooks&&) = delete;
  ThreadHooks& operator=(ThreadHooks&&) = delete;

  virtual void before_blocking() = 0;
  virtual void after_blocking() = 0;
  /// Called some tens of thousands of times a second of computing.
  virtual void safepoint() = 0;
};

}  // namespace concurrency_models
