#pragma once

#include <cstdint>

#include "concurrency_models/thread_hooks.h"

namespace concurrency_models {

/// The n-th Fibonacci number, fibonacci(1) = fibonacci(2) = 1, by naive double recursion: work for
/// a processor, about 1.6 times as much for each next n, not an algorithm to improve. n from 1 to
/// 93 (the last one that 64 bits hold).
[[nodiscard]] std::uint64_t fibonacci(unsigned n);

/// The same by the same recursion, with a safepoint about every 15 µs, which leaves its speed
/// alone.
[[nodiscard]] std::uint64_t fibonacci_with_safepoints(unsigned n, ThreadHooks& hooks);

/// The same number in n additions, to check the work by.
[[nodiscard]] std::uint64_t fibonacci_by_addition(unsigned n);

}  // namespace concurrency_models
