#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "concurrency_models/execution_model.h"
#include "concurrency_models/http_client.h"
#include "concurrency_models/resource_usage.h"
#include "concurrency_models/seconds.h"
#include "concurrency_models/workload.h"

namespace concurrency_models {

/// CPU time an origin has used so far, or nothing if it cannot be told. Never called while a run is
/// being timed, so it may take a while.
using OriginCpuClock = std::function<std::optional<Seconds>()>;

/// A job that went wrong.
struct JobFailure {
  std::size_t job = 0;
  std::string what;  ///< "job 3: https://…: TLS handshake: certificate has expired"
  JobError error;
};

/// What one or several runs of a case cost. Times and counts are means over the runs, but for
/// processes and threads, which are the largest run's; peaks are maxima, percentiles pool the jobs
/// of all runs. What cannot be had is absent, never zero.
struct Measurement {
  std::size_t runs = 0;
  Seconds wall{};
  Seconds user{};    ///< of this process and of all processes the model started
  Seconds system{};  ///< the same
  double voluntary_switches = 0;
  double involuntary_switches = 0;
  double minor_faults = 0;
  double major_faults = 0;
  std::optional<std::int64_t> max_rss_kb;  ///< peak of the largest single process
  unsigned processes = 0;                  ///< besides the main one
  unsigned threads = 0;                    ///< besides the main one
  struct LoopBlocked {
    Seconds total{};
    Seconds longest{};
  };
  std::optional<LoopBlocked> loop_blocked;  ///< models with an event loop only
  Seconds job_p50{};                        ///< from the start of the run to each job's end
  Seconds job_p99{};
  Seconds job_max{};
  std::optional<Seconds> origin_cpu;
  /// Share of the fetches that reused a session or a connection; nothing for clients whose every
  /// fetch is a fresh one, and for workloads without any.
  std::optional<double> reused;
  /// The best wall time there is, if whoever measures has found it out: see ideal_time.
  std::optional<Seconds> ideal = {};
  /// What the peak is above what was resident before the first run, workload included, of this
  /// process or the one child that does all the work. For models that share it out among processes,
  /// which must have been weighed, with what each of those held by itself when it was done.
  std::optional<std::int64_t> rss_growth_kb = {};
  /// If the case is one of many jobs, so that their number means something.
  std::optional<std::size_t> jobs = {};
  std::vector<JobFailure> failures;  ///< of all runs; the figures mean little if there are any
};

/// Measures a case: some runs of one workload under one model, nothing else in between.
///
/// Made right before the first run, because it warms the client up, gives freed memory back and
/// resets the peak of the resident set there. Not thread-safe; the process must have no other
/// thread (models that fork refuse otherwise, and others' threads would be measured too).
class Measurer {
 public:
  /// All references must outlive the measurer. `workers` as ExecutionModel::run takes it,
  /// `in_flight` as JobRun does.
  Measurer(const ExecutionModel& model, const Workload& workload, const HttpClient& client,
           unsigned workers, OriginCpuClock origin_cpu = {}, std::size_t in_flight = all_jobs);

  /// Called after each run, unmeasured, with what became of its jobs and when it began.
  using RunObserver = std::function<void(const RunReport&, JobTimeline::TimePoint start)>;
  void observe(RunObserver observer) { observer_ = std::move(observer); }

  /// Between runs, unmeasured: gives the client anew what the last run used up, if it reuses
  /// things.
  void warm_up();

  /// One run, checked against what the workload must yield, and against what the client is to
  /// reuse. Lets exceptions of the model through. The same as the two that follow.
  void run();

  /// The run itself, for callers with a clock of their own.
  void run_only();
  /// After run_only(), and before the next: the rest, which takes longer the more jobs there are.
  void examine();

  /// One more run, of which only the memory is measured; nothing for models that do not fork, that
  /// tell it themselves, and where the system does not. Warms the client up for it. Does what run()
  /// does about failures and exceptions.
  void weigh_children();

  /// What went wrong in all runs so far.
  [[nodiscard]] const std::vector<JobFailure>& failures() const { return failures_; }

  /// What all runs so far came to. At least one must have been made.
  [[nodiscard]] Measurement finish() const;

 private:
  /// What the origin does meanwhile does not count.
  template <class Action>
  void without_origin_cpu(Action action);
  void check(const JobRecord& record, std::size_t job);

  const ExecutionModel& model_;
  const Workload& workload_;
  const HttpClient& client_;
  unsigned workers_;
  std::size_t in_flight_;
  std::vector<Fetch> fetches_;  ///< to warm the client up for; none if it reuses nothing
  OriginCpuClock origin_cpu_clock_;
  std::optional<Seconds> origin_cpu_before_;
  bool peak_is_own_;
  std::optional<std::int64_t> resident_before_kb_;
  std::optional<std::int64_t> rss_growth_kb_;  ///< as the model says it
  std::optional<std::int64_t> children_kb_;
  std::optional<std::int64_t> peak_kb_;  ///< before children were weighed
  struct LastRun {
    RunReport report;
    JobTimeline::TimePoint start;
  };
  std::optional<LastRun> last_;  ///< until it is examined
  std::size_t runs_ = 0;
  std::chrono::nanoseconds wall_{};
  ResourceUsage usage_;
  unsigned processes_ = 0;
  unsigned threads_ = 0;
  std::size_t reused_ = 0;
  std::chrono::nanoseconds loop_blocked_{};
  std::chrono::nanoseconds loop_blocked_longest_{};
  std::vector<std::chrono::nanoseconds> job_ends_;
  std::vector<JobFailure> failures_;
  RunObserver observer_;
};

/// One run, measured.
[[nodiscard]] Measurement measure(const ExecutionModel& model, const Workload& workload,
                                  const HttpClient& client, unsigned workers,
                                  OriginCpuClock origin_cpu = {});

}  // namespace concurrency_models
