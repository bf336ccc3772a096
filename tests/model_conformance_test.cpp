// What every execution model must do, whatever it is: one suite over all rows of the table, and
// over the example of a model outside it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <future>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "concurrency_models/event_loop_backend.h"
#include "concurrency_models/execution_model.h"
#include "concurrency_models/seconds.h"
#include "concurrency_models/standard_workloads.h"
#include "support/gathering_server.h"
#include "support/leftovers.h"
#include "support/test_origin.h"

concurrency_models::ExecutionModel mine();  // docs/examples/own_model/mine.cpp

namespace concurrency_models {

/// How GoogleTest shows a parameter.
void PrintTo(const ExecutionModel& model, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << model.name;
}

namespace {

std::string model_name(const testing::TestParamInfo<ExecutionModel>& model) {
  return model.param.name;
}

template <class Predicate>
std::vector<ExecutionModel> models_that(Predicate predicate) {
  std::vector<ExecutionModel> models(all_models().begin(), all_models().end());
  models.push_back(mine());
  std::erase_if(models, [predicate](const ExecutionModel& model) { return !predicate(model); });
  return models;
}

bool is_bounded(const ExecutionModel& model) { return model.policy == WorkerPolicy::bounded; }

/// Numbers of workers to try: one, few, and more than there are jobs. Others ignore it.
std::vector<unsigned> worker_counts(const ExecutionModel& model, std::size_t jobs) {
  if (model.policy != WorkerPolicy::bounded) return {0};
  return {1, 2, 3, static_cast<unsigned>(jobs) + 3};
}

void expect_success(const Workload& workload, const JobRecords& records, std::size_t job) {
  const JobRecord& record = records[job];
  const ExpectedOutcome expected = expected_outcome(workload.jobs[job]);
  EXPECT_EQ(record.state, JobState::done);
  EXPECT_FALSE(record.error) << describe(workload.jobs[job]) << ": " << record.error.text();
  EXPECT_EQ(record.outcome.bytes, expected.bytes);
  EXPECT_EQ(record.outcome.number, expected.number);
}

void expect_timeline_in_order(const Job& job, const JobTimeline& timeline) {
  const JobTimeline::TimePoint never{};
  EXPECT_NE(timeline.start, never);
  EXPECT_LE(timeline.start, timeline.end);
  EXPECT_EQ(timeline.request_done != never, job.request.has_value());
  EXPECT_EQ(timeline.blocking_start != never, job.blocking.has_value());
  if (job.request) {
    EXPECT_LE(timeline.start, timeline.request_done);
    EXPECT_LE(timeline.request_done, timeline.end);
  }
  if (job.blocking) {
    EXPECT_LE(timeline.start, timeline.blocking_start);
    EXPECT_LE(timeline.blocking_start, timeline.end);
  }
  if (job.request && job.blocking) {
    EXPECT_LE(timeline.request_done, timeline.blocking_start);
  }
}

Workload computing(const std::vector<unsigned>& numbers) {
  Workload workload{.name = "numbers", .jobs = {}};
  for (const unsigned n : numbers) workload.jobs.emplace_back().blocking.emplace(Fibonacci{n});
  return workload;
}

Workload fetching(std::size_t jobs, double latency_scale) {
  return standard_workloads(test_sites(latency_scale), jobs, {}).front();
}

class ModelConformance : public testing::TestWithParam<ExecutionModel> {
 protected:
  /// Origin and files are no leftovers of the first run that needs them.
  void SetUp() override {
    try {
      require_event_loop();
    } catch (const std::runtime_error& error) {
      GTEST_SKIP() << error.what();
    }
    static_cast<void>(test_origin());
    static_cast<void>(test_files());
  }

  [[nodiscard]] static const ExecutionModel& model() { return GetParam(); }

  /// Two workers, where there is a choice.
  [[nodiscard]] static unsigned two() { return is_bounded(model()) ? 2 : 0; }
};

using BoundedModelConformance = ModelConformance;
using EventLoopConformance = ModelConformance;
using OrderedModelConformance = ModelConformance;
using ForkingModelConformance = ModelConformance;
using ForkingPoolConformance = ModelConformance;

TEST_P(ModelConformance, RunsEveryJobOfEveryWorkloadRight) {
  const HttpClient client = test_client();
  for (const Workload& workload : test_workloads()) {
    for (const unsigned workers : worker_counts(model(), workload.jobs.size())) {
      SCOPED_TRACE(workload.name + " on " + std::to_string(workers) + " workers");
      const RunReport report = run(model(), workload, client, workers);
      ASSERT_EQ(report.records.size(), workload.jobs.size());
      for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
        expect_success(workload, report.records, job);
        expect_timeline_in_order(workload.jobs[job], report.records[job].timeline);
      }
    }
  }
}

TEST_P(ModelConformance, RunsOverPlainHttpToo) {
  const Workload workload = standard_workloads(test_sites(0, false), 10, {}).front();
  const RunReport report = run(model(), workload, test_client(), two());
  for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
    expect_success(workload, report.records, job);
  }
}

TEST_P(ModelConformance, LeavesNothingBehind) {
  const HttpClient client = test_client();
  const std::vector<Workload> workloads = test_workloads();
  static_cast<void>(run(model(), workloads.front(), client, two()));  // whatever is made just once
  const Leftovers before = count_leftovers();
  for (const Workload& workload : workloads) {
    for (const unsigned workers : worker_counts(model(), workload.jobs.size())) {
      static_cast<void>(run(model(), workload, client, workers));
      EXPECT_EQ(count_leftovers_since(before), before)
          << workload.name << " on " << workers << " workers";
    }
  }
}

TEST_P(ModelConformance, LeavesNothingBehindAfterFailures) {
  const HttpClient client = test_client();
  Workload workload = fetching(6, 0);
  static_cast<void>(run(model(), workload, client, two()));
  for (Job& job : workload.jobs) job.request = refused_fetch();
  const Leftovers before = count_leftovers();
  static_cast<void>(run(model(), workload, client, two()));
  EXPECT_EQ(count_leftovers_since(before), before);
}

TEST_P(ModelConformance, AFailedJobStopsNoOther) {
  Workload workload = test_workloads()[3];  // a request and a blocking fetch each
  workload.jobs[1].request = refused_fetch();
  workload.jobs[4].blocking.emplace(refused_fetch());
  for (const unsigned workers : worker_counts(model(), workload.jobs.size())) {
    SCOPED_TRACE(std::to_string(workers) + " workers");
    const RunReport report = run(model(), workload, test_client(), workers);
    for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
      if (job == 1 || job == 4) {
        const JobError& error = report.records[job].error;
        EXPECT_EQ(error.stage, Stage::connect);
        EXPECT_EQ(error.code.value(), ECONNREFUSED) << error.text();
      } else {
        expect_success(workload, report.records, job);
      }
    }
    // What fails in its first half must not go on to its second.
    EXPECT_EQ(report.records[1].timeline.blocking_start, JobTimeline::TimePoint{});
  }
}

TEST_P(ModelConformance, AFileThatIsGoneFailsItsJobOnly) {
  Workload workload = disk_workload(test_files().reads());
  std::get<FileRead>(*workload.jobs[2].blocking).path += ".gone";
  const RunReport report = run(model(), workload, test_client(), two());
  for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
    if (job == 2) {
      EXPECT_EQ(report.records[job].error.stage, Stage::open);
      EXPECT_EQ(report.records[job].error.code.value(), ENOENT);
    } else {
      expect_success(workload, report.records, job);
    }
  }
}

TEST_P(ModelConformance, RunsAWorkloadWithoutJobs) {
  const Workload nothing{.name = "nothing", .jobs = {}};
  for (const unsigned workers : worker_counts(model(), 0)) {
    EXPECT_TRUE(run(model(), nothing, test_client(), workers).records.empty());
  }
}

TEST_P(ModelConformance, UsesTheWorkersItSays) {
  const Workload workload = test_workloads()[1];
  for (const unsigned workers : worker_counts(model(), workload.jobs.size())) {
    const RunReport report = run(model(), workload, test_client(), workers);
    const unsigned used = report.used.processes + report.used.threads;
    switch (model().policy) {
      case WorkerPolicy::none:
        EXPECT_EQ(used, 0U);
        break;
      case WorkerPolicy::per_job:
        EXPECT_EQ(used, workload.jobs.size());
        break;
      case WorkerPolicy::bounded:
        EXPECT_EQ(used, workers);
        break;
    }
    for (const JobRecord& record : report.records) EXPECT_LT(record.worker, std::max(used, 1U));
    EXPECT_EQ(report.used.processes > 0, model().forks);
    EXPECT_EQ(report.used.children.max_rss_kb > 0, model().forks);
  }
}

TEST_P(ModelConformance, SaysWhetherBlockingStepsStallAnEventLoop) {
  const Workload workload = test_workloads()[1];
  const RunReport report = run(model(), workload, test_client(), two());
  const bool on_the_loop = model().event_loop == EventLoop::stalled;
  for (const JobRecord& record : report.records) EXPECT_EQ(record.stalled_loop, on_the_loop);
}

/// The most blocking steps (or requests, where there are none) that were under way at one moment.
std::size_t most_at_once(const Workload& workload, const JobRecords& records) {
  std::vector<std::pair<JobTimeline::TimePoint, int>> changes;
  for (std::size_t job = 0; job < records.size(); ++job) {
    const JobTimeline& timeline = records[job].timeline;
    changes.emplace_back(workload.jobs[job].blocking ? timeline.blocking_start : timeline.start, 1);
    changes.emplace_back(timeline.end, -1);
  }
  std::sort(changes.begin(), changes.end());  // an end before a start at the same moment
  int now = 0;
  int most = 0;
  for (const auto& [when, change] : changes) most = std::max(most, now += change);
  return static_cast<std::size_t>(most);
}

TEST_P(ModelConformance, RunsAtMostAsManyBlockingStepsAtOnceAsItHasWorkers) {
  const Workload workload = computing({20, 20, 20, 20, 20, 20, 20, 20});
  for (const unsigned workers : {1U, 2U, 3U}) {
    const RunReport report = run(model(), workload, test_client(), workers);
    const std::size_t limit = model().policy == WorkerPolicy::none      ? 1
                              : model().policy == WorkerPolicy::bounded ? workers
                                                                        : workload.jobs.size();
    EXPECT_LE(most_at_once(workload, report.records), limit);
  }
}

TEST_P(ModelConformance, SendsAsManyRequestsAtOnceAsItCan) {
  const bool one_by_one = model().name == "sequential" || model().name == "async_sequential";
  const bool pool =
      model().policy == WorkerPolicy::bounded && model().event_loop == EventLoop::absent;
  const std::size_t at_once = one_by_one ? 1 : pool ? 2 : 4;
  // Nobody is answered before as many have asked.
  const GatheringServer server(at_once);
  Workload workload{.name = "gathering", .jobs = std::vector<Job>(4)};
  for (Job& job : workload.jobs) job.request = server.fetch();
  const RunReport report = run(model(), workload, test_client(), two());
  for (const JobRecord& record : report.records) EXPECT_FALSE(record.error) << record.error.text();
  EXPECT_EQ(most_at_once(workload, report.records), at_once);
}

TEST_P(EventLoopConformance, IsAtNoMoreJobsThanMayBeInFlight) {
  const std::size_t in_flight = model().name == "async_sequential" ? 1 : 2;
  // With fewer at once nobody would be answered; with more, more would be counted.
  const GatheringServer server(in_flight);
  Workload workload{.name = "gathering", .jobs = std::vector<Job>(6)};
  for (Job& job : workload.jobs) job.request = server.fetch();
  workload.jobs[3].request = refused_fetch();
  workload.jobs[4].request = refused_fetch();
  const RunReport report = run(model(), workload, test_client(), 1, in_flight);
  for (std::size_t job = 0; job < report.records.size(); ++job) {
    const JobError& error = report.records[job].error;
    EXPECT_EQ(error.stage, job == 3 || job == 4 ? Stage::connect : Stage::none) << error.text();
  }
  EXPECT_EQ(most_at_once(workload, report.records), in_flight);
}

TEST_P(EventLoopConformance, BeginsTheNextJobWhenAllThatIsReadyHadItsTurn) {
  if (model().name == "async_sequential") GTEST_SKIP() << "is at one job at a time";
  const Workload workload = computing({10, 10, 10, 10, 10, 10});
  const RunReport report = run(model(), workload, test_client(), 1, 2);
  for (std::size_t job = 1; job < report.records.size(); ++job) {
    EXPECT_LE(report.records[job - 1].timeline.blocking_start,
              report.records[job].timeline.blocking_start)
        << "job " << job - 1 << " was ready before job " << job << " was begun";
  }
}

TEST_P(OrderedModelConformance, OneWorkerTakesJobsInOrder) {
  const Workload workload = computing({10, 11, 12, 13, 14, 15});
  const RunReport report = run(model(), workload, test_client(), 1);
  for (std::size_t job = 1; job < report.records.size(); ++job) {
    EXPECT_LE(report.records[job - 1].timeline.end, report.records[job].timeline.blocking_start);
  }
}

TEST_P(BoundedModelConformance, SpreadsWorkOverItsWorkers) {
  // A tenth of a second each: nobody can do them all before a second worker has started.
  Fetch slow = test_sites().front();
  slow.url.target = origin_target(std::chrono::milliseconds(100), *slow.expected_bytes);
  Workload workload{.name = "slow", .jobs = std::vector<Job>(8)};
  for (Job& job : workload.jobs) job.blocking.emplace(slow);
  const RunReport report = run(model(), workload, test_client(), 2);
  std::set<std::uint32_t> workers;
  for (const JobRecord& record : report.records) workers.insert(record.worker);
  EXPECT_EQ(workers, (std::set<std::uint32_t>{0, 1}));
}

TEST_P(ForkingModelConformance, ForksOnlyWhileNoOtherThreadRuns) {
  std::promise<void> end;
  std::thread other([&end] { end.get_future().wait(); });
  const Leftovers before = count_leftovers();
  EXPECT_THROW(static_cast<void>(run(model(), computing({1, 2}), test_client(), two())),
               std::logic_error);
  EXPECT_EQ(count_leftovers_since(before), before);
  end.set_value();
  other.join();
}

/// Lets processes started meanwhile use so many seconds of CPU time, then the kernel ends them.
class ChildCpuLimit {
 public:
  ChildCpuLimit() {
    ::getrlimit(RLIMIT_CPU, &before_);
    ::rlimit limit = before_;
    // It is in whole seconds, holds for this process as well and must not be reached by it.
    const ResourceUsage so_far = current_resource_usage();
    limit.rlim_cur = static_cast<rlim_t>(
        Seconds(so_far.user + so_far.system + std::chrono::milliseconds(500)).count() + 1);
    ::setrlimit(RLIMIT_CPU, &limit);
  }
  ~ChildCpuLimit() { ::setrlimit(RLIMIT_CPU, &before_); }
  ChildCpuLimit(const ChildCpuLimit&) = delete;
  ChildCpuLimit& operator=(const ChildCpuLimit&) = delete;
  ChildCpuLimit(ChildCpuLimit&&) = delete;
  ChildCpuLimit& operator=(ChildCpuLimit&&) = delete;

 private:
  ::rlimit before_{};
};

constexpr unsigned endless = 90;  // centuries of recursion

TEST_P(ForkingModelConformance, AWorkerThatDiesFailsItsJobOnly) {
  const Workload workload = computing({endless, 5, 6, 7, 8});
  const Leftovers before = count_leftovers();
  const ChildCpuLimit limit;
  const RunReport report = run(model(), workload, test_client(), two());
  const JobError& error = report.records[0].error;
  EXPECT_EQ(error.stage, Stage::work);
  EXPECT_EQ(error.code.category(), process_exit_category());
  EXPECT_NE(error.text().find("SIGXCPU"), std::string::npos) << error.text();
  for (std::size_t job = 1; job < workload.jobs.size(); ++job) {
    expect_success(workload, report.records, job);
  }
  EXPECT_EQ(count_leftovers_since(before), before);
}

TEST_P(ForkingPoolConformance, WithoutWorkersLeftTheRestFails) {
  const Workload workload = computing({endless, 5, 6});
  const ChildCpuLimit limit;
  const RunReport report = run(model(), workload, test_client(), 1);
  EXPECT_EQ(report.records[0].error.stage, Stage::work);
  for (std::size_t job = 1; job < workload.jobs.size(); ++job) {
    EXPECT_EQ(report.records[job].error.code, make_error_code(Error::never_run));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, ModelConformance,
                         testing::ValuesIn(models_that([](const auto&) { return true; })),
                         model_name);
INSTANTIATE_TEST_SUITE_P(Models, BoundedModelConformance,
                         testing::ValuesIn(models_that(is_bounded)), model_name);
INSTANTIATE_TEST_SUITE_P(Models, EventLoopConformance,
                         testing::ValuesIn(models_that([](const ExecutionModel& model) {
                           return model.event_loop != EventLoop::absent;
                         })),
                         model_name);
INSTANTIATE_TEST_SUITE_P(Models, OrderedModelConformance,
                         testing::ValuesIn(models_that([](const ExecutionModel& model) {
                           return model.policy != WorkerPolicy::per_job;
                         })),
                         model_name);
INSTANTIATE_TEST_SUITE_P(Models, ForkingModelConformance,
                         testing::ValuesIn(models_that([](const ExecutionModel& model) {
                           return model.forks;
                         })),
                         model_name);
INSTANTIATE_TEST_SUITE_P(Models, ForkingPoolConformance,
                         testing::ValuesIn(models_that([](const ExecutionModel& model) {
                           return model.forks && is_bounded(model);
                         })),
                         model_name);

}  // namespace
}  // namespace concurrency_models
