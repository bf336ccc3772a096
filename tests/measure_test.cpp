// Each figure against a witness of its own.
#include "concurrency_models/measure.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "concurrency_models/children_memory.h"
#include "concurrency_models/peak_memory.h"
#include "concurrency_models/process_group.h"
#include "concurrency_models/shared_array.h"
#include "support/sanitizers.h"
#include "support/test_origin.h"

namespace concurrency_models {
namespace {

using std::chrono::milliseconds;

const ExecutionModel& model(const std::string& name) {
  for (const ExecutionModel& model : standard_models()) {
    if (model.name == name) return model;
  }
  throw std::invalid_argument("no model " + name);
}

Workload computing(std::size_t jobs, unsigned n) {
  Workload workload{.name = "numbers", .jobs = std::vector<Job>(jobs)};
  for (Job& job : workload.jobs) job.blocking.emplace(Fibonacci{n});
  return workload;
}

/// Fetches of 1 KiB that each take `delay` at least, as requests or as blocking steps.
Workload waiting(std::size_t jobs, milliseconds delay, bool blocking) {
  Fetch fetch = test_sites().front();
  fetch.expected_bytes = 1024;
  fetch.url.target = origin_target(delay, 1024);
  Workload workload{.name = "waits", .jobs = std::vector<Job>(jobs)};
  for (Job& job : workload.jobs) {
    if (blocking) {
      job.blocking.emplace(fetch);
    } else {
      job.request = fetch;
    }
  }
  return workload;
}

/// The figures that cross from a child, and what wait4 says of that child.
struct Figures {
  double cpu_s = 0;
  double switches = 0;
  double faults = 0;
  std::int64_t max_rss_kb = 0;
};

struct Witnessed {
  Figures measured;
  Figures waited;
};

/// Measures in a process of its own, whose one purpose this is, and lets the kernel testify.
Witnessed measure_in_child(const ExecutionModel& model, const Workload& workload,
                           unsigned workers) {
  const HttpClient client = test_client();
  SharedArray<Figures> shared(1);
  const pid_t child = ::fork();
  if (child == 0) {
    const Measurement measured = measure(model, workload, client, workers);
    shared[0] = {.cpu_s = (measured.user + measured.system).count(),
                 .switches = measured.voluntary_switches + measured.involuntary_switches,
                 .faults = measured.minor_faults + measured.major_faults,
                 .max_rss_kb = measured.max_rss_kb.value_or(0)};
    ::_exit(measured.failures.empty() ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  int status = 0;
  ::rusage usage{};
  EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(status, 0);
  const ResourceUsage used = to_resource_usage(usage);
  return {.measured = shared[0],
          .waited = {
              .cpu_s = Seconds(used.user + used.system).count(),
              .switches = static_cast<double>(used.voluntary_switches + used.involuntary_switches),
              .faults = static_cast<double>(used.minor_faults + used.major_faults),
              .max_rss_kb = used.max_rss_kb}};
}

class WitnessedModel : public testing::TestWithParam<const char*> {
 protected:
  static unsigned workers() { return model(GetParam()).policy == WorkerPolicy::bounded ? 3 : 0; }
};

TEST_P(WitnessedModel, CpuTimeIsThatOfAllProcesses) {
  const auto [measured, waited] = measure_in_child(model(GetParam()), computing(6, 31), workers());
  // The child does nothing much beside the run: starting and ending, some milliseconds.
  EXPECT_LE(measured.cpu_s, waited.cpu_s + 0.002);
  EXPECT_GE(measured.cpu_s, 0.8 * waited.cpu_s - 0.01);
}

TEST_P(WitnessedModel, SwitchesAndFaultsAreThoseOfAllProcesses) {
  const Workload workload = waiting(12, milliseconds(1), false);
  const auto [measured, waited] = measure_in_child(model(GetParam()), workload, workers());
  EXPECT_LE(measured.switches, waited.switches);
  // Each fetch waits at least once; an event loop waits for several together.
  EXPECT_GE(measured.switches, model(GetParam()).event_loop == EventLoop::absent ? 12 : 1);
  EXPECT_LE(measured.faults, waited.faults);
  EXPECT_GT(measured.faults, 0);
}

TEST_P(WitnessedModel, PeakMemoryIsThatOfTheLargestProcess) {
  if (!reset_peak_memory()) GTEST_SKIP() << "the system cannot reset the peak";
  const Workload workload = waiting(12, milliseconds(1), false);
  const auto [measured, waited] = measure_in_child(model(GetParam()), workload, workers());
  const auto kb = static_cast<double>(waited.max_rss_kb);
  EXPECT_LE(static_cast<double>(measured.max_rss_kb), 1.1 * kb);
  EXPECT_GE(static_cast<double>(measured.max_rss_kb), 0.9 * kb);
}

INSTANTIATE_TEST_SUITE_P(Models, WitnessedModel,
                         testing::Values("sequential", "threads", "processes", "thread_pool",
                                         "process_pool", "async_process_pool"),
                         [](const auto& model) { return std::string(model.param); });

/// Whether the peak of one case can be told from another's.
bool peaks_can_be_told_apart() {
  // Sanitizers' allocators keep what is freed, for their own purposes.
  return reset_peak_memory() && !address_sanitizer && !thread_sanitizer;
}

TEST(Measure, ACaseAfterALargeOneDoesNotInheritItsMemory) {
  if (!peaks_can_be_told_apart()) GTEST_SKIP() << "this system or sanitizer cannot";
  const HttpClient client = test_client();
  const Workload small = computing(3, 5);
  const auto peak = [&](const ExecutionModel& model, const Workload& workload) {
    return static_cast<double>(measure(model, workload, client, 0).max_rss_kb.value());
  };
  static_cast<void>(peak(model("sequential"), small));
  const double before = peak(model("sequential"), small);
  constexpr std::size_t large_bytes = std::size_t{64} << 20;
  const ExecutionModel large{.name = "large",
                             .policy = WorkerPolicy::none,
                             .event_loop = EventLoop::absent,
                             .forks = false,
                             .default_workers = {},
                             .run = [](JobRun& jobs, unsigned) {
                               const std::vector<char> memory(large_bytes, 1);
                               for (std::size_t job = 0; job < jobs.size(); ++job) jobs.run(job);
                               return WorkersUsed{};
                             }};
  EXPECT_GE(peak(large, small), static_cast<double>(large_bytes >> 10U));
  EXPECT_LE(peak(model("sequential"), small), 1.1 * before);
}

/// Models under which hundreds of fetches leave the heap in pieces, each in a way of its own.
class AfterManyFetches : public testing::TestWithParam<const char*> {};

TEST_P(AfterManyFetches, ACaseDoesNotInheritTheirMemory) {
  if (!peaks_can_be_told_apart()) GTEST_SKIP() << "this system or sanitizer cannot";
  const HttpClient client = test_client();
  const auto peak = [&](const char* name, std::size_t fetches) {
    const Workload workload = waiting(fetches, milliseconds(1), false);
    return static_cast<double>(measure(model(name), workload, client, 0).max_rss_kb.value());
  };
  static_cast<void>(peak("sequential", 10));
  const double before = peak("sequential", 10);
  EXPECT_GE(peak(GetParam(), 700), 1.5 * before);
  EXPECT_LE(peak("sequential", 10), 1.1 * before);
}

INSTANTIATE_TEST_SUITE_P(Models, AfterManyFetches, testing::Values("threads", "async"),
                         [](const auto& model) { return std::string(model.param); });

/// Three processes, of which each does with `body` what it likes before the jobs are done.
ExecutionModel three_processes(std::function<void(unsigned number)> body) {
  return {.name = "three",
          .policy = WorkerPolicy::none,
          .event_loop = EventLoop::absent,
          .forks = true,
          .default_workers = {},
          .run = [body = std::move(body)](JobRun& jobs, unsigned) {
            ProcessGroup group;
            for (unsigned number = 0; number < 3; ++number) group.start(body);
            for (unsigned number = 0; number < 3; ++number) group.wait(number);
            for (std::size_t job = 0; job < jobs.size(); ++job) jobs.run(job);
            return WorkersUsed{.processes = 3, .threads = 0, .children = group.usage()};
          }};
}

/// What it grows by, in KiB, with what its processes have by themselves.
std::optional<std::int64_t> weighed_growth_kb(const ExecutionModel& model) {
  const HttpClient client = test_client();
  const Workload workload = computing(3, 5);
  Measurer measurer(model, workload, client, 0);
  measurer.run();
  measurer.weigh_children();
  EXPECT_TRUE(measurer.failures().empty());
  return measurer.finish().rss_growth_kb;
}

TEST(Measure, MemoryOfProcessesIsWhatTheyShareWithNobody) {
  if (!peaks_can_be_told_apart()) GTEST_SKIP() << "this system or sanitizer cannot";
  constexpr std::size_t large_bytes = std::size_t{16} << 20;
  const std::vector<char> inherited(4 * large_bytes, 1);
  const auto growth = weighed_growth_kb(three_processes([&inherited](unsigned number) {
    std::vector<char> own((number + 1) * large_bytes, inherited[number]);
    // Kept until the end of the process, which is when it says what it holds.
    static const std::vector<char>* volatile kept;
    kept = new std::vector<char>(std::move(own));
    static_cast<void>(kept);
  }));
  ASSERT_TRUE(growth);
  EXPECT_GE(*growth, static_cast<std::int64_t>(6 * large_bytes >> 10U));
  EXPECT_LE(*growth, static_cast<std::int64_t>(7 * large_bytes >> 10U));
}

TEST(Measure, MemoryOfProcessesIsUnknownIfOneCannotTell) {
  EXPECT_EQ(weighed_growth_kb(three_processes([](unsigned number) {
              if (number == 1) ::_exit(EXIT_SUCCESS);
            })),
            std::nullopt);
}

TEST(Measure, MemoryOfProcessesIsUnknownUnlessTheyAreWeighed) {
  const HttpClient client = test_client();
  const Measurement measured =
      measure(three_processes([](unsigned) {}), computing(3, 5), client, 0);
  EXPECT_EQ(measured.rss_growth_kb, std::nullopt);
}

TEST(Measure, TheRunThatWeighsIsNoRunOtherwise) {
  if (!reset_peak_memory()) GTEST_SKIP() << "without a peak of the case's own there is no such run";
  const HttpClient client = test_client();
  const Workload workload = computing(3, 5);
  unsigned runs = 0;
  const ExecutionModel three = three_processes([](unsigned) {});
  ExecutionModel counted = three;
  counted.run = [&](JobRun& jobs, unsigned workers) {
    // Larger each time.
    const std::vector<char> memory(std::size_t{++runs} << 22, 1);
    return three.run(jobs, workers);
  };
  // As if the origin worked for a second in each run.
  Measurer measurer(counted, workload, client, 0, [&runs] { return Seconds(runs); });
  unsigned observed = 0;
  measurer.observe([&observed](const RunReport&, JobTimeline::TimePoint) { ++observed; });
  measurer.run();
  const Measurement before = measurer.finish();
  measurer.weigh_children();
  const Measurement after = measurer.finish();
  EXPECT_EQ(runs, 2U);
  EXPECT_EQ(observed, 1U);
  EXPECT_EQ(after.runs, 1U);
  EXPECT_EQ(after.origin_cpu, Seconds(1));
  EXPECT_EQ(after.wall, before.wall);
  // What was measured in between may take some pages, but not the 4 MiB more of this run.
  EXPECT_LE(after.max_rss_kb.value(), before.max_rss_kb.value() + 1024);
  EXPECT_EQ(after.user + after.system, before.user + before.system);
}

TEST(Measure, FailuresOfTheRunThatWeighsCount) {
  if (!reset_peak_memory()) GTEST_SKIP() << "without a peak of the case's own there is no such run";
  const HttpClient client = test_client();
  const Workload workload = computing(3, 5);
  const ExecutionModel three = three_processes([](unsigned) {});
  bool fails = false;
  ExecutionModel failing = three;
  failing.run = [&](JobRun& jobs, unsigned workers) {
    if (fails) return WorkersUsed{.processes = 3, .threads = 0, .children = {}};
    return three.run(jobs, workers);
  };
  Measurer measurer(failing, workload, client, 0);
  measurer.run();
  fails = true;
  measurer.weigh_children();
  EXPECT_EQ(measurer.failures().size(), 3U);
}

TEST(Measure, NobodyElseIsToldWhatChildrenHold) {
  const ChildrenMemory memory;
  EXPECT_THROW(ChildrenMemory(), std::logic_error);
}

TEST(Measure, ModelsThatDoNotForkNeedNoRunThatWeighs) {
  const HttpClient client = test_client();
  const Workload workload = computing(3, 5);
  unsigned runs = 0;
  ExecutionModel counted = model("sequential");
  counted.run = [&runs](JobRun& jobs, unsigned workers) {
    ++runs;
    return model("sequential").run(jobs, workers);
  };
  Measurer measurer(counted, workload, client, 0);
  measurer.run();
  measurer.weigh_children();
  EXPECT_EQ(runs, 1U);
}

TEST(Measure, TheLoopIsBlockedForAsLongAsItsBlockingStepsTake) {
  const HttpClient client = test_client();
  const Workload workload = waiting(4, milliseconds(30), true);
  for (const char* const name : {"async", "async_sequential"}) {
    // The model's own records testify.
    std::vector<Seconds> steps;
    ExecutionModel watched = model(name);
    watched.run = [&](JobRun& jobs, unsigned workers) {
      const WorkersUsed used = model(name).run(jobs, workers);
      for (const JobRecord& record : jobs.records()) {
        steps.emplace_back(record.timeline.end - record.timeline.blocking_start);
      }
      return used;
    };
    const Measurement measured = measure(watched, workload, client, 0);
    ASSERT_TRUE(measured.loop_blocked);
    EXPECT_GE(*std::min_element(steps.begin(), steps.end()), milliseconds(30));
    EXPECT_DOUBLE_EQ(measured.loop_blocked->total.count(),
                     std::accumulate(steps.begin(), steps.end(), Seconds(0)).count());
    EXPECT_DOUBLE_EQ(measured.loop_blocked->longest.count(),
                     std::max_element(steps.begin(), steps.end())->count());
    EXPECT_LE(measured.loop_blocked->total, measured.wall);
  }
}

TEST(Measure, ALoopThatIsNeverBlockedIsMeasuredAsSuch) {
  const HttpClient client = test_client();
  for (const char* const name : {"async_thread_pool", "async_process_pool"}) {
    const Measurement measured = measure(model(name), computing(4, 20), client, 2);
    ASSERT_TRUE(measured.loop_blocked);
    EXPECT_EQ(measured.loop_blocked->total, Seconds(0));
    EXPECT_EQ(measured.loop_blocked->longest, Seconds(0));
  }
}

TEST(Measure, ModelsWithoutAnEventLoopHaveNoneToBlock) {
  const HttpClient client = test_client();
  for (const char* const name : {"sequential", "threads", "process_pool"}) {
    EXPECT_FALSE(measure(model(name), computing(2, 5), client, 1).loop_blocked) << name;
  }
}

TEST(Measure, JobsEndWhereTheyMust) {
  const Workload workload = waiting(10, milliseconds(10), false);
  const Measurement measured = measure(model("sequential"), workload, test_client(), 0);
  EXPECT_GE(measured.job_p50, milliseconds(5 * 10));  // the fifth of ten
  EXPECT_GE(measured.job_p99, milliseconds(10 * 10));
  EXPECT_GE(measured.job_max, measured.job_p99);
  EXPECT_LE(measured.job_max, measured.wall);
}

TEST(Measure, CountsWorkersBesideTheMainProcess) {
  const HttpClient client = test_client();
  const Workload workload = computing(5, 5);
  const auto used = [&](const char* name) {
    const Measurement measured = measure(model(name), workload, client, 3);
    return std::pair(measured.processes, measured.threads);
  };
  EXPECT_EQ(used("sequential"), std::pair(0U, 0U));
  EXPECT_EQ(used("threads"), std::pair(0U, 5U));
  EXPECT_EQ(used("processes"), std::pair(5U, 0U));
  EXPECT_EQ(used("async_thread_pool"), std::pair(0U, 3U));
  EXPECT_EQ(used("async_process_pool"), std::pair(3U, 0U));
}

TEST(Measure, TheOriginsTimeIsItsOwnClocksDifference) {
  if (!test_origin().cpu_time()) GTEST_SKIP() << "the system does not tell";
  const Workload workload = waiting(20, milliseconds(0), false);
  const HttpClient client = test_client();
  const Seconds before = *test_origin().cpu_time();
  const Measurement measured =
      measure(model("threads"), workload, client, 0, [] { return test_origin().cpu_time(); });
  const Seconds after = *test_origin().cpu_time();
  ASSERT_TRUE(measured.origin_cpu);
  EXPECT_GT(*measured.origin_cpu, Seconds(0));
  EXPECT_LE(*measured.origin_cpu, after - before);
}

TEST(Measure, WithoutAClockTheOriginsTimeIsAbsent) {
  const HttpClient client = test_client();
  EXPECT_FALSE(measure(model("async"), computing(1, 5), client, 0).origin_cpu);
  EXPECT_FALSE(measure(model("async"), computing(1, 5), client, 0, [] {
                 return std::optional<Seconds>();
               }).origin_cpu);
}

/// A model that does what a test wants and claims what it likes.
ExecutionModel scripted(std::function<WorkersUsed(JobRun&)> script) {
  return {.name = "scripted",
          .policy = WorkerPolicy::none,
          .event_loop = EventLoop::stalled,
          .forks = false,
          .default_workers = {},
          .run = [script = std::move(script)](JobRun& jobs, unsigned) { return script(jobs); }};
}

TEST(Measurer, AveragesOverRunsAndKeepsMaxima) {
  unsigned runs = 0;
  const ExecutionModel model = scripted([&runs](JobRun& jobs) {
    ++runs;
    for (std::size_t job = 0; job < jobs.size(); ++job) jobs.run(job);
    WorkersUsed used;
    used.processes = runs;
    used.threads = 10 - runs;
    used.children.user = std::chrono::seconds(1000 * runs);
    used.children.system = std::chrono::seconds(500 * runs);
    used.children.voluntary_switches = std::int64_t{100'000} * runs;
    used.children.major_faults = std::int64_t{200'000} * runs;
    used.children.max_rss_kb = std::int64_t{1} << (32U - runs);
    return used;
  });
  const Workload workload = computing(2, 5);
  const HttpClient client = test_client();
  Measurer measurer(model, workload, client, 0);
  measurer.run();
  measurer.run();
  const Measurement measured = measurer.finish();
  EXPECT_EQ(measured.runs, 2U);
  EXPECT_NEAR(measured.user.count(), 1500, 1);
  EXPECT_NEAR(measured.system.count(), 750, 1);
  EXPECT_NEAR(measured.voluntary_switches, 150'000, 1000);
  EXPECT_NEAR(measured.major_faults, 300'000, 1000);
  EXPECT_EQ(measured.processes, 2U);
  EXPECT_EQ(measured.threads, 9U);
  if (measured.max_rss_kb) {
    EXPECT_EQ(*measured.max_rss_kb, std::int64_t{1} << 31U);
  }
  EXPECT_LE(measured.job_max, measured.wall * 2);
}

TEST(Measurer, TakesPercentilesByNearestRank) {
  // The first of ten jobs ends after 10,000 s, the last after 1,000 s, whatever they really took.
  const ExecutionModel model = scripted([](JobRun& jobs) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t job = 0; job < jobs.size(); ++job) {
      jobs.run(job);
      jobs.records()[job].timeline.end = start + std::chrono::seconds(1000 * (jobs.size() - job));
    }
    return WorkersUsed{};
  });
  const Measurement measured = measure(model, computing(10, 1), test_client(), 0);
  EXPECT_NEAR(measured.job_p50.count(), 5000, 500);  // the fifth
  EXPECT_NEAR(measured.job_p99.count(), 10'000, 500);
  EXPECT_NEAR(measured.job_max.count(), 10'000, 500);
}

TEST(Measurer, PoolsPercentilesOverRuns) {
  // 99 quick jobs in the first run, 99 slow ones in the second: the median is a quick one's, the
  // 99th percentile a slow one's.
  unsigned runs = 0;
  const ExecutionModel model = scripted([&runs](JobRun& jobs) {
    const Seconds pause = ++runs == 2 ? Seconds(1000) : Seconds(0);
    for (std::size_t job = 0; job < jobs.size(); ++job) {
      jobs.run(job);
      jobs.records()[job].timeline.end +=
          std::chrono::duration_cast<std::chrono::nanoseconds>(pause);
    }
    return WorkersUsed{};
  });
  const Workload workload = computing(99, 1);
  const HttpClient client = test_client();
  Measurer measurer(model, workload, client, 0);
  measurer.run();
  measurer.run();
  const Measurement measured = measurer.finish();
  EXPECT_LT(measured.job_p50, Seconds(500));
  EXPECT_GT(measured.job_p99, Seconds(500));
  EXPECT_GT(measured.job_max, Seconds(500));
}

TEST(Measurer, AJobNobodyRanIsAFailure) {
  const Workload workload = computing(3, 5);
  const ExecutionModel model = scripted([](JobRun& jobs) {
    jobs.run(0);
    jobs.run(2);
    return WorkersUsed{};
  });
  const Measurement measured = measure(model, workload, test_client(), 0);
  ASSERT_EQ(measured.failures.size(), 1U);
  EXPECT_EQ(measured.failures[0].job, 1U);
  EXPECT_EQ(measured.failures[0].error.code, make_error_code(Error::never_run));
}

TEST(Measurer, AWrongNumberIsAFailureThatNamesTheJob) {
  const Workload workload = computing(2, 10);
  const ExecutionModel model = scripted([](JobRun& jobs) {
    for (std::size_t job = 0; job < jobs.size(); ++job) jobs.run(job);
    jobs.records()[1].outcome.number += 1;
    return WorkersUsed{};
  });
  const Measurement measured = measure(model, workload, test_client(), 0);
  ASSERT_EQ(measured.failures.size(), 1U);
  EXPECT_EQ(measured.failures[0].error.code, make_error_code(Error::wrong_number));
  EXPECT_EQ(measured.failures[0].what,
            "job 1: fibonacci(10): check of the result: not the Fibonacci number asked for");
}

TEST(Measurer, AWrongLengthIsAFailure) {
  Workload workload = waiting(1, milliseconds(0), false);
  const ExecutionModel model = scripted([](JobRun& jobs) {
    jobs.run(0);
    jobs.records()[0].outcome.bytes -= 1;
    return WorkersUsed{};
  });
  const Measurement measured = measure(model, workload, test_client(), 0);
  ASSERT_EQ(measured.failures.size(), 1U);
  EXPECT_EQ(measured.failures[0].error.code, make_error_code(Error::wrong_length));
}

TEST(Measurer, AFailedFetchIsAFailureThatNamesUrlAndStage) {
  Workload workload = waiting(1, milliseconds(0), false);
  workload.jobs[0].request = refused_fetch();
  const Measurement measured = measure(model("sequential"), workload, test_client(), 0);
  ASSERT_EQ(measured.failures.size(), 1U);
  EXPECT_EQ(measured.failures[0].what,
            "job 0: " + refused_fetch().url.text() + ": connect: Connection refused");
}

}  // namespace
}  // namespace concurrency_models
