#include "concurrency_models/fibonacci.h"

namespace concurrency_models {

// Left alone, gcc and clang each turn one of the two calls into a loop, in their own ways, and the
// result runs faster or slower by up to 16 % with the address it happens to be placed at. The empty
// asm statements make each sum's parts opaque, so that both compilers make both calls; alignment to
// a cache line and a translation unit of its own do the rest.
[[gnu::noinline, gnu::aligned(64)]] std::uint64_t fibonacci(unsigned n) {
  if (n <= 2) return 1;
  std::uint64_t first = fibonacci(n - 1);
  asm("" : "+r"(first));
  std::uint64_t second = fibonacci(n - 2);
  asm("" : "+r"(second));
  return first + second;
}

std::uint64_t fibonacci_with_safepoints(unsigned n, ThreadHooks& hooks) {
  constexpr unsigned uninterrupted = 20;
  if (n > uninterrupted) {
    return fibonacci_with_safepoints(n - 1, hooks) + fibonacci_with_safepoints(n - 2, hooks);
  }
  hooks.safepoint();
  return fibonacci(n);
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
