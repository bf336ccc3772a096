#pragma once

#include <functional>
#include <thread>
#include <vector>

namespace concurrency_models {

/// Threads of this process that run one function each; the twin of ProcessGroup.
class ThreadGroup {
 public:
  ThreadGroup() = default;
  /// Joins what was not joined. Whoever makes threads wait for something must have let them go.
  ~ThreadGroup() { join(); }
  ThreadGroup(const ThreadGroup&) = delete;
  ThreadGroup& operator=(const ThreadGroup&) = delete;
  ThreadGroup(ThreadGroup&&) = delete;
  ThreadGroup& operator=(ThreadGroup&&) = delete;

  /// Starts a thread that calls body(number), its number being how many were started before it.
  /// Throws std::system_error if the system has no thread left, which leaves the group as it was.
  /// `body` is copied; an exception that leaves it ends the program.
  void start(const std::function<void(unsigned number)>& body);

  [[nodiscard]] unsigned size() const { return static_cast<unsigned>(threads_.size()); }

  void join();

 private:
  std::vector<std::thread> threads_;
};

}  // namespace concurrency_models
