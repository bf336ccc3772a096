#include "concurrency_models/descriptor_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "support/in_child.h"

namespace concurrency_models {
namespace {

rlimit descriptor_limit() {
  rlimit limit{};
  EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  return limit;
}

/// Descriptors up to this one can be had.
bool reaches(rlim_t last) { return ::dup2(STDERR_FILENO, static_cast<int>(last)) >= 0; }

TEST(DescriptorLimitTest, IsRaisedFromTheSoftToTheHardOne) {
  const int status = in_child([] {
    constexpr rlimit low{.rlim_cur = 64, .rlim_max = 512};
    if (::setrlimit(RLIMIT_NOFILE, &low) != 0) return 1;
    if (reaches(511)) return 2;
    raise_descriptor_limit();
    if (descriptor_limit().rlim_cur != 512 || descriptor_limit().rlim_max != 512) return 3;
    return reaches(511) ? 0 : 4;
  });
  EXPECT_EQ(status, 0) << "wait status " << status;
}

// Which on some systems is "unlimited" and cannot be had.
TEST(DescriptorLimitTest, IsRaisedUnderTheSystemsOwnHardOne) {
  const int status = in_child([] {
    const rlimit low{.rlim_cur = 64, .rlim_max = descriptor_limit().rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &low) != 0) return 1;
    raise_descriptor_limit();
    return descriptor_limit().rlim_cur > 64 ? 0 : 2;
  });
  EXPECT_EQ(status, 0) << "wait status " << status;
}

}  // namespace
}  // namespace concurrency_models
