#include "concurrency_models/peak_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "support/sanitizers.h"

namespace concurrency_models {
namespace {

constexpr std::int64_t large_kb = std::int64_t{64} * 1024;
constexpr std::int64_t slack_kb = std::int64_t{8} * 1024;  // the test program's own doings

/// Makes `kb` resident for a moment, past the allocator, which might keep them.
void touch(std::int64_t kb) {
  const auto bytes = static_cast<std::size_t>(kb) * 1024;
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  std::memset(memory, 1, bytes);
  ::munmap(memory, bytes);
}

class PeakMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!reset_peak_memory()) GTEST_SKIP() << "this system cannot reset the high-water mark";
  }
};

TEST_F(PeakMemoryTest, RemembersWhatWasGivenBack) {
  const auto before = peak_memory_kb();
  ASSERT_TRUE(before);
  touch(large_kb);
  EXPECT_GE(*peak_memory_kb(), *before + large_kb - slack_kb);
}

TEST_F(PeakMemoryTest, ForgetsItWhenReset) {
  if (thread_sanitizer) GTEST_SKIP() << "ThreadSanitizer's shadow of the memory counts as well";
  const auto before = peak_memory_kb();
  ASSERT_TRUE(before);
  touch(large_kb);
  ASSERT_TRUE(reset_peak_memory());
  EXPECT_LE(*peak_memory_kb(), *before + slack_kb);
  touch(large_kb / 2);
  EXPECT_GE(*peak_memory_kb(), *before + large_kb / 2 - slack_kb);
  EXPECT_LE(*peak_memory_kb(), *before + large_kb / 2 + slack_kb);
}

TEST_F(PeakMemoryTest, ResetGivesFreedMemoryBack) {
  if (address_sanitizer || thread_sanitizer) {
    GTEST_SKIP() << "a sanitizer's allocator keeps what is freed";
  }
  const auto before = peak_memory_kb();
  ASSERT_TRUE(before);
  constexpr std::size_t piece = 1024;
  std::vector<std::unique_ptr<char[]>> pieces;
  for (std::int64_t kb = 0; kb < large_kb; ++kb) {
    pieces.push_back(std::make_unique<char[]>(piece));
  }
  // What stands at the heap's end keeps glibc from shrinking it unasked.
  const auto last = std::make_unique<char[]>(piece);
  pieces.clear();
  ASSERT_TRUE(reset_peak_memory());
  EXPECT_LE(*peak_memory_kb(), *before + slack_kb);
}

TEST_F(PeakMemoryTest, IsWhatTheKernelSays) {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::int64_t witness = 0;
  while (status >> word && word != "VmHWM:") {
  }
  ASSERT_TRUE(status >> witness);
  EXPECT_GE(*peak_memory_kb(), witness);
  EXPECT_LE(*peak_memory_kb(), witness + slack_kb);
}

}  // namespace
}  // namespace concurrency_models
