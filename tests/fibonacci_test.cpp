#include "concurrency_models/fibonacci.h"

#include <gtest/gtest.h>

#include <limits>

namespace concurrency_models {
namespace {

TEST(FibonacciTest, BeginsWithOneAndOne) {
  EXPECT_EQ(fibonacci(1), 1U);
  EXPECT_EQ(fibonacci(2), 1U);
  EXPECT_EQ(fibonacci(3), 2U);
  EXPECT_EQ(fibonacci_by_addition(1), 1U);
  EXPECT_EQ(fibonacci_by_addition(2), 1U);
  EXPECT_EQ(fibonacci_by_addition(3), 2U);
}

// https://oeis.org/A000045
TEST(FibonacciTest, IsAsPublished) {
  EXPECT_EQ(fibonacci(10), 55U);
  EXPECT_EQ(fibonacci(20), 6'765U);
  EXPECT_EQ(fibonacci(30), 832'040U);
  EXPECT_EQ(fibonacci_by_addition(30), 832'040U);
  EXPECT_EQ(fibonacci_by_addition(38), 39'088'169U);
  EXPECT_EQ(fibonacci_by_addition(50), 12'586'269'025U);
}

TEST(FibonacciTest, BothWaysAgree) {
  for (unsigned n = 1; n <= 27; ++n) EXPECT_EQ(fibonacci(n), fibonacci_by_addition(n)) << n;
}

TEST(FibonacciTest, The93rdIsTheLastOf64Bits) {
  constexpr std::uint64_t last = 12'200'160'415'121'876'738U;
  EXPECT_EQ(fibonacci_by_addition(93), last);
  EXPECT_EQ(fibonacci_by_addition(92), 7'540'113'804'746'346'429U);
  EXPECT_GT(fibonacci_by_addition(92), std::numeric_limits<std::uint64_t>::max() - last);
}

}  // namespace
}  // namespace concurrency_models
