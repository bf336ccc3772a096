#pragma once

#include <cstddef>
#include <optional>
#include <ostream>

namespace concurrency_models {

/// What a run must not leave behind. Compare what there was before with what there is after.
struct Leftovers {
  std::size_t children = 0;  ///< processes whose parent this one is, zombies included
  std::size_t descriptors = 0;
  std::size_t threads = 0;  ///< without those that are ending

  friend bool operator==(const Leftovers&, const Leftovers&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Leftovers& leftovers);
};

[[nodiscard]] Leftovers count_leftovers();

/// What is left once that is the same as `before`, or when the watchdog barks: what ends by itself
/// in between is no leftover.
[[nodiscard]] Leftovers count_leftovers_since(const Leftovers& before);

/// Bytes of this process's heap that are in use, whichever thread took them, with what the C
/// library caches of freed pieces for threads that live. Nothing where it does not tell: under
/// sanitizers, and elsewhere than with glibc.
[[nodiscard]] std::optional<std::size_t> heap_in_use();

/// By how much heap_in_use may differ although nothing leaks: those caches, and what libraries make
/// when they first need it.
inline constexpr std::size_t heap_allowance = std::size_t{64} << 10;

}  // namespace concurrency_models
