#include "concurrency_models/shared_array.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdint>
#include <fstream>
#include <limits>
#include <numeric>
#include <string>
#include <system_error>
#include <utility>

#include "support/in_child.h"

namespace concurrency_models {
namespace {

TEST(SharedArrayTest, AChildsWritesAreSeenByItsParent) {
  SharedArray<std::uint64_t> numbers(1000);
  const int status = in_child([&numbers] {
    std::iota(numbers.begin(), numbers.end(), 5U);
    return 0;
  });
  ASSERT_EQ(status, 0);
  for (std::size_t i = 0; i < numbers.size(); ++i) ASSERT_EQ(numbers[i], i + 5);
}

TEST(SharedArrayTest, IsSharedOverGenerations) {
  SharedArray<std::atomic<int>> turn(1);
  const int status = in_child([&turn] {
    turn[0] = 1;
    const int read = in_child([&turn] { return turn[0].exchange(2); });
    return WEXITSTATUS(read) == 1 && turn[0] == 2 ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(turn[0], 2);
}

struct WithDefaults {
  std::atomic<int> number{7};
  bool flag = true;
};

TEST(SharedArrayTest, MakesItsElementsByDefault) {
  const SharedArray<WithDefaults> array(300);
  for (const WithDefaults& element : array) {
    EXPECT_EQ(element.number, 7);
    EXPECT_TRUE(element.flag);
  }
  const SharedArray<int> zeros(3);
  for (const int zero : zeros) EXPECT_EQ(zero, 0);
}

TEST(SharedArrayTest, MayBeEmpty) {
  const SharedArray<int> none;
  EXPECT_EQ(none.size(), 0U);
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.begin(), none.end());
  const SharedArray<int> zero(0);
  EXPECT_TRUE(zero.empty());
  EXPECT_EQ(zero.begin(), zero.end());
}

TEST(SharedArrayTest, MovesWithItsContent) {
  SharedArray<int> first(2);
  first[0] = 1;
  first[1] = 2;
  const int* const where = first.begin();
  SharedArray<int> second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is the point
  EXPECT_EQ(first.begin(), first.end());
  EXPECT_EQ(second.begin(), where);
  EXPECT_EQ(second[1], 2);

  SharedArray<int> third(5);
  third = std::move(second);
  EXPECT_EQ(third.size(), 2U);
  EXPECT_EQ(third.begin(), where);
  EXPECT_EQ(third[0], 1);
  EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move)
}

#if defined(__linux__)
/// Whether a mapping of this process begins there.
bool is_mapped(const void* address) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const auto begin = std::stoull(line, nullptr, 16);
    const auto end = std::stoull(line.substr(line.find('-') + 1), nullptr, 16);
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    if (wanted >= begin && wanted < end) return true;
  }
  return false;
}

TEST(SharedArrayTest, GivesItsMemoryBack) {
  const void* where = nullptr;
  {
    const SharedArray<char> array(1 << 20);
    where = array.begin();
    EXPECT_TRUE(is_mapped(where));
  }
  EXPECT_FALSE(is_mapped(where));
}
#endif

TEST(SharedMappingTest, SaysSoIfThereIsNoMemory) {
  try {
    const SharedMapping mapping(std::numeric_limits<std::size_t>::max() / 2);
    FAIL() << "mapped at " << mapping.data();
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("9223372036854775807"), std::string::npos)
        << error.what();
    EXPECT_EQ(error.code(), std::errc::not_enough_memory);
  }
}

}  // namespace
}  // namespace concurrency_models
