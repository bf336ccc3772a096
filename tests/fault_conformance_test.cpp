// Every execution model against everything an origin can do wrong: the fault is reported as the
// table of faults says, other jobs are not touched by it, nothing is left behind.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "concurrency_models/event_loop_backend.h"
#include "concurrency_models/execution_model.h"
#include "concurrency_models/measure.h"
#include "concurrency_models/origin_fault.h"
#include "support/leftovers.h"
#include "support/test_origin.h"
#include "support/test_stream.h"

concurrency_models::ExecutionModel mine();  // docs/examples/own_model/mine.cpp

namespace concurrency_models {

/// How GoogleTest shows a parameter.
void PrintTo(const ExecutionModel& model, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << model.name;
}

namespace {

using namespace std::chrono_literals;

/// Which half of a job meets with the fault.
enum class Half { request, blocking };

/// A workload with a fault in many of its jobs, and good ones between them.
struct Plan {
  Workload workload;
  std::vector<const OriginFault*> faults;  ///< of each job; null: it is a good one
};

bool stalls(const OriginFault& fault) { return fault.why == Error::deadline_exceeded; }

const OriginFaultPorts& fault_ports() {
  static const OriginFaultPorts ports = ask_fault_ports(test_client(), test_sites().front());
  return ports;
}

/// All faults that stall, or all that do not, as far as the scheme has them.
Plan plan(bool secure, Half half, bool stalling) {
  constexpr std::size_t faults_between_good_jobs = 4;
  const std::vector<Fetch> sites = test_sites(0, secure);
  Plan plan{.workload = {.name = "faulty", .jobs = {}}, .faults = {}};
  const auto add = [&](const Fetch& fetch, const OriginFault* fault) {
    Job& job = plan.workload.jobs.emplace_back();
    if (half == Half::request) {
      job.request = fetch;
    } else {
      // On an event loop that it stalls, a blocking step takes the time of others' requests.
      if (!stalling) job.request = sites.front();
      job.blocking.emplace(fetch);
    }
    plan.faults.push_back(fault);
  };
  std::size_t added = 0;
  for (const OriginFault& fault : origin_faults()) {
    if (stalls(fault) != stalling || (fault.needs_tls && !secure)) continue;
    const Fetch& site = sites[added % sites.size()];
    if (added++ % faults_between_good_jobs == 0) add(site, nullptr);
    add(faulty_fetch(site, fault, fault_ports()), &fault);
  }
  add(sites.back(), nullptr);
  return plan;
}

bool ran_out_of_time(const JobError& error) { return error.code == Error::deadline_exceeded; }

/// A short deadline may pass, on a slow machine, before a job gets where it is to be stalled.
bool too_early(const JobError& error, const OriginFault* fault, bool secure) {
  if (!ran_out_of_time(error)) return false;
  return fault == nullptr || !stalls(*fault) || !fault->explains(error, secure);
}

class FaultConformance : public testing::TestWithParam<ExecutionModel> {
 protected:
  void SetUp() override {
    try {
      require_event_loop();
    } catch (const std::runtime_error& error) {
      GTEST_SKIP() << error.what();
    }
    static_cast<void>(fault_ports());  // the origin is no leftover of the first run that needs it
    const Workload good = good_workload();
    const Measurement measured = measure(model(), good, test_client(), workers());
    ASSERT_TRUE(measured.failures.empty()) << measured.failures.front().what;
    processes_ = measured.processes;
    threads_ = measured.threads;
    before_ = count_leftovers();
    heap_before_ = heap_in_use();
  }

  [[nodiscard]] static const ExecutionModel& model() { return GetParam(); }
  [[nodiscard]] static unsigned workers() {
    return model().policy == WorkerPolicy::bounded ? 2 : 0;
  }
  [[nodiscard]] static Workload good_workload() {
    return standard_workloads(test_sites(), default_fetches, {}).front();
  }

  /// Runs it; true unless the deadline was too short for this machine. Then nothing is expected of
  /// the run, if `may_be_too_short`.
  static bool run_as_table_says(const Plan& plan, bool secure, std::chrono::milliseconds deadline,
                                bool may_be_too_short) {
    const HttpClient client({.ca_pem = test_origin().ca_pem(), .deadline = deadline});
    Measurer measurer(model(), plan.workload, client, workers());
    bool long_enough = true;
    measurer.observe([&](const RunReport& report, JobTimeline::TimePoint /*start*/) {
      for (std::size_t job = 0; job < report.records.size(); ++job) {
        const bool early = too_early(report.records[job].error, plan.faults[job], secure);
        if (early && may_be_too_short) long_enough = false;
      }
      if (!long_enough) return;
      for (std::size_t job = 0; job < report.records.size(); ++job) {
        SCOPED_TRACE(describe(plan.workload.jobs[job]));
        expect_outcome(plan.workload.jobs[job], report.records[job], plan.faults[job], secure);
        const auto& timeline = report.records[job].timeline;
        EXPECT_LT(timeline.end - timeline.start, 2 * deadline + watchdog);
      }
    });
    measurer.run();
    if (long_enough) expect_failures(plan, measurer.failures(), secure);
    return long_enough;
  }

  static void expect_outcome(const Job& job, const JobRecord& record, const OriginFault* fault,
                             bool secure) {
    EXPECT_EQ(record.state, JobState::done);
    const bool good = fault == nullptr || fault->harmless();
    if (good) {
      EXPECT_FALSE(record.error) << record.error.text();
      EXPECT_EQ(record.outcome.bytes, expected_outcome(job).bytes);
    } else {
      EXPECT_TRUE(fault->explains(record.error, secure))
          << record.error.text() << " instead of " << fault->reported_as();
    }
  }

  /// One for each job that a fault befell, which names it, its URL, the stage and the cause.
  static void expect_failures(const Plan& plan, const std::vector<JobFailure>& failures,
                              bool secure) {
    auto failure = failures.begin();
    for (std::size_t job = 0; job < plan.faults.size(); ++job) {
      const OriginFault* const fault = plan.faults[job];
      if (fault == nullptr || fault->harmless()) continue;
      ASSERT_NE(failure, failures.end());
      EXPECT_EQ(failure->job, job);
      EXPECT_TRUE(fault->explains(failure->error, secure)) << failure->what;
      EXPECT_EQ(failure->what,
                "job " + std::to_string(job) + ": " + describe(plan.workload.jobs[job]) + ": " +
                    std::string(name(failure->error.stage)) + ": " + fault->why.message());
      ++failure;
    }
    EXPECT_EQ(failure, failures.end());
  }

  /// The next run under this model, in this process, is as if nothing had happened.
  void expect_nothing_left() {
    EXPECT_EQ(count_leftovers_since(before_), before_);
    const Measurement measured = measure(model(), good_workload(), test_client(), workers());
    for (const JobFailure& failure : measured.failures) ADD_FAILURE() << failure.what;
    EXPECT_EQ(measured.processes, processes_);
    EXPECT_EQ(measured.threads, threads_);
    EXPECT_EQ(count_leftovers_since(before_), before_);
    if (heap_before_) {
      EXPECT_LT(*heap_in_use(), *heap_before_ + heap_allowance);
    }
  }

  void run_all_faults(bool secure, Half half) {
    const Plan at_once = plan(secure, half, false);
    EXPECT_TRUE(run_as_table_says(at_once, secure, watchdog, false));
    const Plan stalling = plan(secure, half, true);
    for (auto deadline = 150ms; !run_as_table_says(stalling, secure, deadline, deadline < watchdog);
         deadline *= 4) {
    }
    expect_nothing_left();
  }

 private:
  Leftovers before_;
  std::optional<std::size_t> heap_before_;
  unsigned processes_ = 0;
  unsigned threads_ = 0;
};

TEST_P(FaultConformance, OfRequestsOverTls) { run_all_faults(true, Half::request); }

TEST_P(FaultConformance, OfRequestsOverPlainHttp) { run_all_faults(false, Half::request); }

TEST_P(FaultConformance, OfBlockingStepsOverTls) { run_all_faults(true, Half::blocking); }

TEST_P(FaultConformance, OfBlockingStepsOverPlainHttp) { run_all_faults(false, Half::blocking); }

std::vector<ExecutionModel> models() {
  std::vector<ExecutionModel> models(all_models().begin(), all_models().end());
  models.push_back(mine());
  return models;
}

INSTANTIATE_TEST_SUITE_P(Models, FaultConformance, testing::ValuesIn(models()),
                         [](const auto& model) { return model.param.name; });

}  // namespace
}  // namespace concurrency_models
