// Who is told what by jobs that run.
#include "concurrency_models/thread_hooks.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "concurrency_models/fibonacci.h"
#include "concurrency_models/job_run.h"
#include "support/test_origin.h"

namespace concurrency_models {
namespace {

class CountingHooks final : public ThreadHooks {
 public:
  void before_blocking() override {
    EXPECT_FALSE(blocked_);
    blocked_ = true;
    ++waits_;
  }
  void after_blocking() override {
    EXPECT_TRUE(blocked_);
    blocked_ = false;
  }
  void safepoint() override {
    EXPECT_FALSE(blocked_);
    ++safepoints_;
  }

  [[nodiscard]] bool blocked() const { return blocked_; }
  [[nodiscard]] int waits() const { return waits_; }
  [[nodiscard]] int safepoints() const { return safepoints_; }

 private:
  bool blocked_ = false;
  int waits_ = 0;
  int safepoints_ = 0;
};

TEST(ThreadHooksTest, AComputationHasSafepointsAndTheSameResult) {
  for (unsigned n = 1; n <= 25; ++n) {
    CountingHooks hooks;
    EXPECT_EQ(fibonacci_with_safepoints(n, hooks), fibonacci(n)) << n;
    EXPECT_GE(hooks.safepoints(), 1);
    EXPECT_EQ(hooks.waits(), 0);
  }
}

TEST(ThreadHooksTest, SafepointsGrowWithTheWork) {
  CountingHooks some;
  CountingHooks more;
  static_cast<void>(fibonacci_with_safepoints(25, some));
  static_cast<void>(fibonacci_with_safepoints(27, more));
  EXPECT_GT(more.safepoints(), 2 * some.safepoints());
}

/// Answered so late that the client waits for it at least once.
Fetch slow_fetch() { return test_sites(10).front(); }

TEST(ThreadHooksTest, AFetchTellsWhenItWaits) {
  CountingHooks hooks;
  const FetchResult result = test_client().get(slow_fetch(), &hooks);
  EXPECT_FALSE(result.error) << result.error.text();
  EXPECT_GE(hooks.waits(), 1);
  EXPECT_FALSE(hooks.blocked());
  EXPECT_EQ(hooks.safepoints(), 0);
}

TEST(ThreadHooksTest, AFetchThatFailsEndsUnblocked) {
  CountingHooks hooks;
  EXPECT_TRUE(test_client().get(refused_fetch(), &hooks).error);
  EXPECT_FALSE(hooks.blocked());
}

TEST(ThreadHooksTest, AJobTellsOfBothItsHalves) {
  Workload workload{.name = "both", .jobs = std::vector<Job>(1)};
  workload.jobs[0].request = slow_fetch();
  workload.jobs[0].blocking.emplace(Fibonacci{25});
  const HttpClient client = test_client();
  CountingHooks whole;
  JobRun(workload, client).run(0, 0, &whole);
  EXPECT_GE(whole.waits(), 1);
  EXPECT_GE(whole.safepoints(), 1);

  CountingHooks second;
  JobRun(workload, client).blocking_step(0, 0, false, &second);
  EXPECT_EQ(second.waits(), 0);
  EXPECT_EQ(second.safepoints(), whole.safepoints());
}

}  // namespace
}  // namespace concurrency_models
