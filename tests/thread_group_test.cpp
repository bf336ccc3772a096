#include "concurrency_models/thread_group.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cerrno>
#include <functional>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "support/comes_true.h"
#include "support/in_child.h"
#include "support/leftovers.h"

namespace concurrency_models {
namespace {

TEST(ThreadGroupTest, RunsItsBodiesOnThreadsOfTheirOwn) {
  std::mutex mutex;
  std::set<unsigned> numbers;
  std::set<std::thread::id> ids = {std::this_thread::get_id()};
  ThreadGroup group;
  for (int i = 0; i < 8; ++i) {
    group.start([&](unsigned number) {
      const std::lock_guard lock(mutex);
      numbers.insert(number);
      ids.insert(std::this_thread::get_id());
    });
  }
  EXPECT_EQ(group.size(), 8U);
  group.join();
  EXPECT_EQ(group.size(), 8U);
  const std::set<unsigned> expected = {0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(numbers, expected);
}

TEST(ThreadGroupTest, ThreadsRunAtTheSameTime) {
  constexpr int threads = 5;
  std::barrier all(threads);
  ThreadGroup group;
  for (int i = 0; i < threads; ++i) group.start([&all](unsigned) { all.arrive_and_wait(); });
  group.join();
}

TEST(ThreadGroupTest, BodiesNeedNotOutliveTheCall) {
  std::atomic<int> sum = 0;
  ThreadGroup group;
  for (int i = 1; i <= 4; ++i) {
    const std::function<void(unsigned)> body = [&sum, i](unsigned) { sum += i; };
    group.start(body);
  }
  group.join();
  EXPECT_EQ(sum, 10);
}

TEST(ThreadGroupTest, MayBeJoinedAgainAndStartMore) {
  std::atomic<unsigned> last = 0;
  ThreadGroup group;
  group.join();
  group.start([&last](unsigned number) { last = number; });
  group.join();
  group.join();
  group.start([&last](unsigned number) { last = number; });
  group.join();
  EXPECT_EQ(last, 1U);
}

TEST(ThreadGroupTest, DestructorJoins) {
  std::thread([] {}).join();  // with the first thread ThreadSanitizer starts one, for good
  const Leftovers before = count_leftovers();
  std::atomic<int> ended = 0;
  {
    ThreadGroup group;
    for (int i = 0; i < 4; ++i) group.start([&ended](unsigned) { ++ended; });
  }
  EXPECT_EQ(ended, 4);
  EXPECT_TRUE(comes_true([&before] { return count_leftovers() == before; })) << count_leftovers();
}

TEST(ThreadGroupTest, AStartThatFailsLeavesTheGroupAsItWas) {
  const int status = in_child([] {
    std::atomic<int> ended = 0;
    ThreadGroup group;
    group.start([&ended](unsigned) { ++ended; });
    // Root is exempt from this limit, nobody (65534 wherever there is one) is not.
    constexpr rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (::setrlimit(RLIMIT_NPROC, &none) != 0) return 1;
    if (::getuid() == 0 && ::setuid(65534) != 0) return 2;
    try {
      group.start([&ended](unsigned) { ended += 100; });
      return 3;
    } catch (const std::system_error& error) {
      if (error.code().value() != EAGAIN) return 4;
    }
    group.join();
    return group.size() == 1 && ended == 1 ? 0 : 5;
  });
  EXPECT_EQ(status, 0) << "exit status " << WEXITSTATUS(status);
}

}  // namespace
}  // namespace concurrency_models
