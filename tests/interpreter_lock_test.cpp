#include "models/interpreter_lock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace concurrency_models::models {
namespace {

TEST(InterpreterLockTest, OneThreadAtATimeHasIt) {
  constexpr int threads = 8;
  constexpr int times = 2000;
  InterpreterLock lock;
  int inside = 0;
  int most = 0;
  int total = 0;
  std::vector<std::thread> group;
  group.reserve(threads);
  for (int i = 0; i < threads; ++i) {
    group.emplace_back([&] {
      for (int time = 0; time < times; ++time) {
        const Holding holding(lock);
        most = std::max(most, ++inside);
        ++total;
        --inside;
      }
    });
  }
  for (std::thread& thread : group) thread.join();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(total, threads * times);
}

TEST(InterpreterLockTest, AThreadThatComputesHandsItOverWhenAnotherWants) {
  InterpreterLock lock;
  std::atomic<bool> other_had_it = false;
  lock.acquire();
  std::thread other([&] {
    const Holding holding(lock);
    other_had_it = true;
  });
  while (!other_had_it) lock.safepoint();  // never gives up by itself
  lock.release();
  other.join();
}

TEST(InterpreterLockTest, AHandoverIsNoReturnBeforeAnotherHadIt) {
  InterpreterLock lock;
  std::atomic<bool> over = false;
  int turns = 0;  // guarded by the lock
  int last = 0;
  const auto compute = [&](int number) {
    const Holding holding(lock);
    while (!over) {
      if (last != number) {
        last = number;
        if (++turns == 10) over = true;
      }
      lock.safepoint();
    }
  };
  std::thread one(compute, 1);
  std::thread two(compute, 2);
  one.join();
  two.join();
  EXPECT_GE(turns, 10);
}

TEST(InterpreterLockTest, IsFreeWhileItsThreadBlocks) {
  InterpreterLock lock;
  lock.acquire();
  lock.before_blocking();
  std::async(std::launch::async, [&lock] { const Holding holding(lock); }).get();
  lock.after_blocking();
  std::atomic<bool> got = false;
  std::thread other([&] {
    const Holding holding(lock);
    got = true;
  });
  EXPECT_FALSE(got);
  lock.release();
  other.join();
  EXPECT_TRUE(got);
}

TEST(InterpreterLockTest, ASafepointWithNobodyWaitingKeepsIt) {
  InterpreterLock lock;
  const Holding holding(lock);
  for (int i = 0; i < 1000; ++i) lock.safepoint();  // would wait for ever for somebody to take it
}

}  // namespace
}  // namespace concurrency_models::models
