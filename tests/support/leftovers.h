#pragma once

#include <cstddef>
#include <ostream>

namespace concurrency_models {

/// What a run must not leave behind. Compare what there was before with what there is after.
struct Leftovers {
  std::size_t children = 0;  ///< processes whose parent this one is, zombies included
  std::size_t descriptors = 0;
  std::size_t threads = 0;

  friend bool operator==(const Leftovers&, const Leftovers&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Leftovers& leftovers);
};

[[nodiscard]] Leftovers count_leftovers();

/// What is left when it is no more than `before`, or the watchdog barks: a thread that was joined,
/// for instance, is in /proc for a moment longer.
[[nodiscard]] Leftovers count_leftovers_since(const Leftovers& before);

}  // namespace concurrency_models
