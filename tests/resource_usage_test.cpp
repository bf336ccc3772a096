#include "concurrency_models/resource_usage.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <thread>

#include "file_descriptor.h"

namespace concurrency_models {
namespace {

using namespace std::chrono_literals;

ResourceUsage sample() {
  return {.user = 1s,
          .system = 2ms,
          .voluntary_switches = 3,
          .involuntary_switches = 4,
          .minor_faults = 5,
          .major_faults = 6,
          .max_rss_kb = 7};
}

TEST(ResourceUsageTest, SumsMemberByMemberButForThePeak) {
  ResourceUsage sum = sample();
  sum += {.user = 10s,
          .system = 20ms,
          .voluntary_switches = 30,
          .involuntary_switches = 40,
          .minor_faults = 50,
          .major_faults = 60,
          .max_rss_kb = 70};
  EXPECT_EQ(sum.user, 11s);
  EXPECT_EQ(sum.system, 22ms);
  EXPECT_EQ(sum.voluntary_switches, 33);
  EXPECT_EQ(sum.involuntary_switches, 44);
  EXPECT_EQ(sum.minor_faults, 55);
  EXPECT_EQ(sum.major_faults, 66);
  EXPECT_EQ(sum.max_rss_kb, 70) << "peaks of two processes do not add up";
  sum += sample();
  EXPECT_EQ(sum.max_rss_kb, 70);
}

TEST(ResourceUsageTest, DifferenceKeepsTheLaterPeak) {
  const ResourceUsage later = {.user = 11s,
                               .system = 22ms,
                               .voluntary_switches = 33,
                               .involuntary_switches = 44,
                               .minor_faults = 55,
                               .major_faults = 66,
                               .max_rss_kb = 77};
  const ResourceUsage difference = later - sample();
  EXPECT_EQ(difference.user, 10s);
  EXPECT_EQ(difference.system, 20ms);
  EXPECT_EQ(difference.voluntary_switches, 30);
  EXPECT_EQ(difference.involuntary_switches, 40);
  EXPECT_EQ(difference.minor_faults, 50);
  EXPECT_EQ(difference.major_faults, 60);
  EXPECT_EQ(difference.max_rss_kb, 77);
}

TEST(ResourceUsageTest, TakesOverWhatTheSystemCounted) {
  ::rusage counted{};
  counted.ru_utime = {.tv_sec = 1, .tv_usec = 999'999};
  counted.ru_stime = {.tv_sec = 0, .tv_usec = 7};
  counted.ru_nvcsw = 3;
  counted.ru_nivcsw = 4;
  counted.ru_minflt = 5;
  counted.ru_majflt = 6;
#if defined(__APPLE__)
  counted.ru_maxrss = 2048L * 1024L;  // bytes there
#else
  counted.ru_maxrss = 2048;
#endif
  const ResourceUsage usage = to_resource_usage(counted);
  EXPECT_EQ(usage.user, 1'999'999us);
  EXPECT_EQ(usage.system, 7us);
  EXPECT_EQ(usage.voluntary_switches, 3);
  EXPECT_EQ(usage.involuntary_switches, 4);
  EXPECT_EQ(usage.minor_faults, 5);
  EXPECT_EQ(usage.major_faults, 6);
  EXPECT_EQ(usage.max_rss_kb, 2048);
}

std::chrono::nanoseconds processor_time(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Computes until this thread has had so much of a processor.
void burn(std::chrono::nanoseconds time) {
  const auto end = processor_time(CLOCK_THREAD_CPUTIME_ID) + time;
  while (processor_time(CLOCK_THREAD_CPUTIME_ID) < end) {
  }
}

TEST(CurrentResourceUsageTest, CountsProcessorTimeOfAllThreads) {
  const ResourceUsage before = current_resource_usage();
  const auto witness = processor_time(CLOCK_PROCESS_CPUTIME_ID);
  std::thread other([] { burn(40ms); });
  burn(20ms);
  other.join();
  const ResourceUsage used = current_resource_usage() - before;
  // The two clocks are read one after the other, and the kernel's split of user and system time is
  // rounded.
  EXPECT_GE(used.user + used.system, 59ms);
  EXPECT_LE(used.user + used.system, processor_time(CLOCK_PROCESS_CPUTIME_ID) - witness + 20ms);
}

TEST(CurrentResourceUsageTest, CountsPageFaults) {
  constexpr std::size_t pages = 1000;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const memory =
      ::mmap(nullptr, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
#if defined(__linux__)
  ::madvise(memory, pages * page, MADV_NOHUGEPAGE);  // one fault would do for 2 MiB
#endif
  const ResourceUsage before = current_resource_usage();
  std::memset(memory, 1, pages * page);
  const ResourceUsage used = current_resource_usage() - before;
  ::munmap(memory, pages * page);
  EXPECT_GE(used.minor_faults, static_cast<std::int64_t>(pages));
}

TEST(CurrentResourceUsageTest, CountsWaitsAsVoluntarySwitches) {
  constexpr int rounds = 50;
  Pipe there = make_pipe();
  Pipe back = make_pipe();
  char byte = 'x';
  const ResourceUsage before = current_resource_usage();
  std::thread echo([&] {
    char echoed = 0;
    while (::read(there.read.get(), &echoed, 1) == 1 &&
           ::write(back.write.get(), &echoed, 1) == 1) {
    }
  });
  for (int i = 0; i < rounds; ++i) {
    ASSERT_EQ(::write(there.write.get(), &byte, 1), 1);
    ASSERT_EQ(::read(back.read.get(), &byte, 1), 1);
  }
  there.write.close();
  echo.join();
  const ResourceUsage used = current_resource_usage() - before;
  // Either this thread or the other one waits in each round.
  EXPECT_GE(used.voluntary_switches, rounds);
}

TEST(CurrentResourceUsageTest, KnowsThePeakOfThisProcess) {
  ::rusage witness{};
  ::getrusage(RUSAGE_SELF, &witness);
  EXPECT_GE(current_resource_usage().max_rss_kb, to_resource_usage(witness).max_rss_kb);
  EXPECT_GT(current_resource_usage().max_rss_kb, 1000);
}

}  // namespace
}  // namespace concurrency_models
