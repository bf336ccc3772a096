#include "support/leftovers.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace concurrency_models {
namespace {

// As many cases as a run of faults has, and less than any of the library's objects for each.
TEST(HeapInUse, GrowsBeyondTheAllowanceWhenEachJobLeavesALittle) {
  const auto before = heap_in_use();
  if (!before) GTEST_SKIP() << "the C library does not tell";
  constexpr std::size_t jobs = 50;
  constexpr std::size_t little = std::size_t{2} << 10;
  {
    std::vector<std::unique_ptr<char[]>> kept;  // NOLINT(modernize-avoid-c-arrays): bytes
    for (std::size_t job = 0; job < jobs; ++job) kept.emplace_back(new char[little]);
    EXPECT_GT(*heap_in_use(), *before + heap_allowance);
  }
  EXPECT_LT(*heap_in_use(), *before + heap_allowance);
}

}  // namespace
}  // namespace concurrency_models
