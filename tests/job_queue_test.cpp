#include "concurrency_models/job_queue.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstdint>
#include <thread>
#include <vector>

#include "support/in_child.h"
#include "support/test_stream.h"

namespace concurrency_models {
namespace {

/// For children, which a broken queue would keep for ever.
void end_in_any_case() { ::alarm(static_cast<unsigned>(watchdog.count())); }

TEST(JobQueueTest, HasNothingUntilSomethingIsSubmitted) {
  JobRecords records(3);
  JobQueue queue(records);
  EXPECT_EQ(queue.claim(0), std::nullopt);
  queue.submit(2);
  EXPECT_EQ(queue.claim(0), 2U);
  EXPECT_EQ(queue.claim(0), std::nullopt);
}

TEST(JobQueueTest, OfNoJobsHasNothing) {
  JobRecords records(0);
  JobQueue queue(records);
  queue.submit_all();
  EXPECT_EQ(queue.claim(0), std::nullopt);
}

TEST(JobQueueTest, IsFirstInFirstOut) {
  JobRecords records(5);
  JobQueue queue(records);
  const std::vector<std::size_t> order = {3, 0, 4, 1, 2};
  for (const std::size_t job : order) queue.submit(job);
  for (const std::size_t job : order) EXPECT_EQ(queue.claim(7), job);
  EXPECT_EQ(queue.claim(7), std::nullopt);
}

TEST(JobQueueTest, SubmitsAllInTheirOrder) {
  JobRecords records(100);
  JobQueue queue(records);
  queue.submit_all();
  for (std::size_t job = 0; job < 100; ++job) EXPECT_EQ(queue.claim(0), job);
  EXPECT_EQ(queue.claim(0), std::nullopt);
}

TEST(JobQueueTest, TakesMoreWhileItIsInUse) {
  JobRecords records(4);
  JobQueue queue(records);
  queue.submit(3);
  EXPECT_EQ(queue.claim(0), 3U);
  queue.submit(1);
  queue.submit(0);
  EXPECT_EQ(queue.claim(1), 1U);
  queue.submit(2);
  EXPECT_EQ(queue.claim(2), 0U);
  EXPECT_EQ(queue.claim(0), 2U);
  EXPECT_EQ(queue.claim(0), std::nullopt);
}

TEST(JobQueueTest, LeavesTheTakersNumberInTheRecord) {
  JobRecords records(3);
  JobQueue queue(records);
  queue.submit_all();
  EXPECT_EQ(queue.claim(0), 0U);
  EXPECT_EQ(queue.claim(41), 1U);
  EXPECT_EQ(records[0].claimed_by, 1U);
  EXPECT_EQ(records[1].claimed_by, 42U);
  EXPECT_EQ(records[2].claimed_by, 0U) << "nobody took it yet";
}

TEST(JobQueueTest, GivesEachJobToOneOfManyThreads) {
  constexpr std::size_t jobs = 20'000;
  constexpr std::uint32_t workers = 4;
  JobRecords records(jobs);
  JobQueue queue(records);
  std::vector<std::vector<std::size_t>> taken(workers);
  std::barrier ready(workers + 1);
  std::vector<std::thread> threads;
  for (std::uint32_t worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&, worker] {
      ready.arrive_and_wait();
      // Some jobs come only while others are being taken: the queue may run empty in between.
      while (records[jobs - 1].claimed_by == 0) {
        while (const auto job = queue.claim(worker)) taken[worker].push_back(*job);
      }
    });
  }
  for (std::size_t job = 0; job < jobs / 2; ++job) queue.submit(job);
  ready.arrive_and_wait();
  for (std::size_t job = jobs / 2; job < jobs; ++job) queue.submit(job);
  for (std::thread& thread : threads) thread.join();

  std::vector<int> times(jobs, 0);
  for (std::uint32_t worker = 0; worker < workers; ++worker) {
    EXPECT_TRUE(std::is_sorted(taken[worker].begin(), taken[worker].end()));
    for (const std::size_t job : taken[worker]) {
      ++times[job];
      EXPECT_EQ(records[job].claimed_by, worker + 1);
    }
  }
  EXPECT_EQ(times, std::vector<int>(jobs, 1));
  EXPECT_EQ(queue.claim(0), std::nullopt);
}

TEST(JobQueueTest, GivesEachJobToOneOfManyProcesses) {
  constexpr std::size_t jobs = 20'000;
  constexpr std::uint32_t workers = 4;
  JobRecords records(jobs);
  JobQueue queue(records);
  queue.submit_all();
  SharedArray<std::atomic<std::uint32_t>> times(jobs);
  SharedArray<std::atomic<bool>> go(1);
  std::vector<pid_t> children;
  for (std::uint32_t worker = 0; worker < workers; ++worker) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      end_in_any_case();
      while (!go[0]) std::this_thread::yield();
      while (const auto job = queue.claim(worker)) ++times[*job];
      ::_exit(0);
    }
    children.push_back(child);
  }
  go[0] = true;
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  for (std::size_t job = 0; job < jobs; ++job) {
    ASSERT_EQ(times[job], 1U) << job;
    ASSERT_NE(records[job].claimed_by, 0U);
    ASSERT_LE(records[job].claimed_by, workers);
  }
  EXPECT_EQ(queue.claim(0), std::nullopt) << "the parent sees what its children took";
}

// Each job is fought for as soon as it is there, by one who just submitted it and one who waits for
// nothing else. Neither ever waits for the other, so that it takes no longer where there is just
// one processor.
class ContestedQueueTest : public testing::Test {
 protected:
  static constexpr std::size_t jobs = 200'000;

  /// What the one in the other thread or process does.
  void grab_until_the_end() {
    going_[0] = true;
    while (!over_[0]) {
      if (const auto job = queue_.claim(1)) ++times_[*job];
    }
  }

  void submit_and_grab() {
    while (!going_[0]) std::this_thread::yield();
    for (std::size_t job = 0; job < jobs; ++job) {
      queue_.submit(job);
      // Now sooner, now later than the other one, who takes a while to see it.
      for (std::size_t pause = job % 256; pause > 0; --pause) (void)over_[0].load();
      if (const auto mine = queue_.claim(0)) ++times_[*mine];
    }
    while (const auto mine = queue_.claim(0)) ++times_[*mine];
    over_[0] = true;
  }

  void expect_each_once() {
    for (std::size_t job = 0; job < jobs; ++job) ASSERT_EQ(times_[job], 1U) << job;
    EXPECT_EQ(queue_.claim(0), std::nullopt);
  }

 private:
  JobRecords records_{jobs};
  JobQueue queue_{records_};
  SharedArray<std::atomic<std::uint32_t>> times_{jobs};
  SharedArray<std::atomic<bool>> going_{1};
  SharedArray<std::atomic<bool>> over_{1};
};

TEST_F(ContestedQueueTest, GivesEachJobToOneThread) {
  std::thread other([this] { grab_until_the_end(); });
  submit_and_grab();
  other.join();
  expect_each_once();
}

TEST_F(ContestedQueueTest, GivesEachJobToOneProcess) {
  const pid_t other = ::fork();
  ASSERT_GE(other, 0);
  if (other == 0) {
    end_in_any_case();
    grab_until_the_end();
    ::_exit(0);
  }
  submit_and_grab();
  int status = -1;
  ASSERT_EQ(::waitpid(other, &status, 0), other);
  EXPECT_EQ(status, 0);
  expect_each_once();
}

TEST(JobQueueTest, KnowsWhatADeadWorkerHad) {
  constexpr std::uint32_t victim = 5;
  JobRecords records(4);
  JobQueue queue(records);
  queue.submit_all();
  ASSERT_EQ(queue.claim(0), 0U);
  const int status = in_child([&queue] {
    if (queue.claim(victim) != 1U) return 1;
    return ::raise(SIGKILL);
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(records[1].claimed_by, victim + 1);
  EXPECT_EQ(queue.claim(0), 2U);
  EXPECT_EQ(queue.claim(0), 3U);
  EXPECT_EQ(queue.claim(0), std::nullopt);
}

// The claim leaves its mark in the record and only then moves the queue's head on. Whoever is
// killed between the two must not stop the others, which is what a record says here that nobody
// moved the head for.
TEST(JobQueueTest, AWorkerThatDiesInTheMiddleOfItsClaimLosesNothing) {
  JobRecords records(5);
  JobQueue queue(records);
  queue.submit_all();
  records[0].claimed_by = 8;
  records[2].claimed_by = 9;
  records[3].claimed_by = 10;
  EXPECT_EQ(queue.claim(0), 1U);
  EXPECT_EQ(queue.claim(0), 4U);
  EXPECT_EQ(queue.claim(0), std::nullopt);
  EXPECT_EQ(records[0].claimed_by, 8U);
  EXPECT_EQ(records[2].claimed_by, 9U);
}

}  // namespace
}  // namespace concurrency_models
