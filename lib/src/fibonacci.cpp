#include "concurrency_models/fibonacci.h"

namespace concurrency_models {

// Compilers unroll and flatten this recursion, each in its own way and by up to a factor of two;
// kept out of line, in a translation unit of its own, it costs the same under gcc and clang.
[[gnu::noinline]] std::uint64_t fibonacci(unsigned n) {
  if (n <= 2) return 1;
  return fibonacci(n - 1) + fibonacci(n - 2);
}

std::uint64_t fibonacci_by_addition(unsigned n) {
  std::uint64_t previous = 0;
  std::uint64_t current = 1;
  for (unsigned i = 1; i < n; ++i) {
    const std::uint64_t next = previous + current;
    previous = current;
    current = next;
  }
  return current;
}

}  // namespace concurrency_models
