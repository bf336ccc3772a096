#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

#include "concurrency_models/resource_usage.h"

namespace concurrency_models {

/// Child processes forked from this one, and what they cost.
///
/// Forks only while the calling thread is the process's only one: a fork takes no other thread
/// along, but every lock they hold. Children run a function and leave by _exit, so that nothing of
/// the parent's is flushed or destroyed twice; they restore the default action of SIGINT and
/// SIGTERM and do not outlive their parent: on Linux the kernel sees to that, elsewhere a body that
/// runs for long must look at parent_is_gone() now and then.
class ProcessGroup {
 public:
  ProcessGroup() = default;
  /// Kills and reaps what was not waited for, which happens only when an exception is on its way.
  ~ProcessGroup();
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;
  ProcessGroup(ProcessGroup&&) = delete;
  ProcessGroup& operator=(ProcessGroup&&) = delete;

  /// Forks a child that calls body(number), its number being how many were started before it.
  /// Throws std::logic_error if another thread runs, std::system_error if the system has no process
  /// left; either leaves the group as it was.
  void start(const std::function<void(unsigned number)>& body);

  [[nodiscard]] unsigned size() const { return static_cast<unsigned>(children_.size()); }

  /// Waits for a child to end, blocking, adds up its usage and returns its wait status: 0 if it
  /// returned from its body. Call it once for each child.
  int wait(unsigned number);

  /// In a child: true once the process that forked it has ended.
  [[nodiscard]] static bool parent_is_gone();

  /// What the children that were waited for used, their own children included.
  [[nodiscard]] const ResourceUsage& usage() const { return usage_; }

 private:
  std::vector<pid_t> children_;  ///< 0: waited for already
  ResourceUsage usage_;
};

}  // namespace concurrency_models
