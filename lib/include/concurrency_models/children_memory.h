#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "concurrency_models/shared_array.h"

namespace concurrency_models {

/// While one exists, every child of a ProcessGroup says what memory it holds by itself, that is not
/// shared with another process (its unique set size), once its work is done. Peaks of resident sets
/// cannot be added up instead, because they count all pages that a child shares with its parent.
///
/// Saying so takes a child some 0.1 ms of CPU time, so that it is not for runs that are measured.
/// Made and ended by the thread that forks.
class ChildrenMemory {
 public:
  /// Throws std::system_error if the system has no shared memory left, std::logic_error if there is
  /// one already.
  ChildrenMemory();
  ~ChildrenMemory();
  ChildrenMemory(const ChildrenMemory&) = delete;
  ChildrenMemory& operator=(const ChildrenMemory&) = delete;
  ChildrenMemory(ChildrenMemory&&) = delete;
  ChildrenMemory& operator=(ChildrenMemory&&) = delete;

  /// What all together held, in KiB, if so many have said it: one that was killed, or whose system
  /// does not tell, does not.
  [[nodiscard]] std::optional<std::int64_t> total_kb(unsigned children) const;

  /// In a child, at the end of its work.
  static void add_this_process();

 private:
  struct Said {
    std::atomic<std::int64_t> kb;
    std::atomic<unsigned> children;
  };
  SharedArray<Said> said_;

  static Said* current;
};

}  // namespace concurrency_models
