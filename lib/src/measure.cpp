#include "concurrency_models/measure.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "concurrency_models/children_memory.h"
#include "concurrency_models/peak_memory.h"

namespace concurrency_models {
namespace {

using std::chrono::nanoseconds;

/// What is wrong with a job that ended: its own error, or an outcome that is not what the workload
/// must give.
JobError verdict(const JobRecord& record, const ExpectedOutcome& expected,
                 std::uint32_t expected_reused) {
  if (record.error) return record.error;
  if (record.reused != expected_reused) {
    return {.stage = Stage::check, .code = Error::not_reused};
  }
  if (expected.bytes && record.outcome.bytes != *expected.bytes) {
    return {.stage = Stage::check, .code = Error::wrong_length};
  }
  if (record.outcome.number != expected.number) {
    return {.stage = Stage::check, .code = Error::wrong_number};
  }
  return {};
}

/// The smallest of the values that is not below a share `p` of them (nearest rank). Sorts.
nanoseconds percentile(std::vector<nanoseconds>& values, double p) {
  const auto rank = static_cast<std::size_t>(std::ceil(p * static_cast<double>(values.size())));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace

Measurer::Measurer(const ExecutionModel& model, const Workload& workload, const HttpClient& client,
                   unsigned workers, OriginCpuClock origin_cpu, std::size_t in_flight)
    : model_(model),
      workload_(workload),
      client_(client),
      workers_(workers),
      in_flight_(in_flight),
      origin_cpu_clock_(std::move(origin_cpu)) {
  if (client.connection() != ConnectionMode::fresh) fetches_ = all_fetches(workload);
  client_.warm_up(fetches_, fetches_at_once(model_, workers_, in_flight_));
  if (origin_cpu_clock_) origin_cpu_before_ = origin_cpu_clock_();
  peak_is_own_ = reset_peak_memory();
  if (peak_is_own_) resident_before_kb_ = peak_memory_kb();
}

void Measurer::warm_up() {
  if (fetches_.empty()) return;
  without_origin_cpu(
      [this] { client_.warm_up(fetches_, fetches_at_once(model_, workers_, in_flight_)); });
}

template <class Action>
void Measurer::without_origin_cpu(Action action) {
  const auto before = origin_cpu_before_ ? origin_cpu_clock_() : std::nullopt;
  action();
  const auto after = before ? origin_cpu_clock_() : std::nullopt;
  if (after) *origin_cpu_before_ += *after - *before;
}

void Measurer::run() {
  run_only();
  examine();
}

void Measurer::run_only() {
  const ResourceUsage before = current_resource_usage();
  const auto start = std::chrono::steady_clock::now();
  RunReport report = concurrency_models::run(model_, workload_, client_, workers_, in_flight_);
  wall_ += std::chrono::steady_clock::now() - start;
  ResourceUsage own = current_resource_usage() - before;
  own.max_rss_kb = 0;  // of the process's whole life: finish() knows better
  usage_ += own;
  usage_ += report.used.children;
  last_.emplace(LastRun{.report = std::move(report), .start = start});
}

void Measurer::examine() {
  const auto& [report, start] = last_.value();
  if (observer_) observer_(report, start);
  ++runs_;
  processes_ = std::max(processes_, report.used.processes);
  threads_ = std::max(threads_, report.used.threads);
  if (const auto growth = report.used.rss_growth_kb) {
    rss_growth_kb_ = std::max(rss_growth_kb_.value_or(0), *growth);
  }
  for (std::size_t job = 0; job < report.records.size(); ++job) {
    const JobRecord& record = report.records[job];
    job_ends_.push_back(record.timeline.end - start);
    if (record.stalled_loop) {
      const nanoseconds stall = record.timeline.end - record.timeline.blocking_start;
      loop_blocked_ += stall;
      loop_blocked_longest_ = std::max(loop_blocked_longest_, stall);
    }
    reused_ += record.reused;
    check(record, job);
  }
  last_.reset();
}

void Measurer::check(const JobRecord& record, std::size_t job) {
  const Job& work = workload_.jobs[job];
  const std::uint32_t expected_reused = fetches_.empty() ? 0 : count_fetches(work);
  if (const JobError error = verdict(record, expected_outcome(work), expected_reused)) {
    failures_.push_back(
        {.job = job,
         .what = "job " + std::to_string(job) + ": " + describe(work) + ": " + error.text(),
         .error = error});
  }
}

void Measurer::weigh_children() {
  if (!model_.forks || rss_growth_kb_ || !resident_before_kb_) return;
  peak_kb_ = peak_memory_kb();
  warm_up();
  const ChildrenMemory memory;
  without_origin_cpu([&] {
    const RunReport report =
        concurrency_models::run(model_, workload_, client_, workers_, in_flight_);
    for (std::size_t job = 0; job < report.records.size(); ++job) check(report.records[job], job);
    children_kb_ = memory.total_kb(report.used.processes);
  });
}

Measurement Measurer::finish() const {
  const auto runs = static_cast<double>(runs_);
  const auto mean = [runs](auto total) { return static_cast<double>(total) / runs; };
  Measurement result;
  result.runs = runs_;
  result.wall = Seconds(wall_) / runs;
  result.user = Seconds(usage_.user) / runs;
  result.system = Seconds(usage_.system) / runs;
  result.voluntary_switches = mean(usage_.voluntary_switches);
  result.involuntary_switches = mean(usage_.involuntary_switches);
  result.minor_faults = mean(usage_.minor_faults);
  result.major_faults = mean(usage_.major_faults);
  result.processes = processes_;
  result.threads = threads_;
  if (const auto own_peak = peak_kb_ ? peak_kb_ : peak_memory_kb(); own_peak && peak_is_own_) {
    result.max_rss_kb = std::max(*own_peak, usage_.max_rss_kb);
    if (resident_before_kb_ && (processes_ == 0 || children_kb_)) {
      result.rss_growth_kb =
          std::max<std::int64_t>(0, *own_peak - *resident_before_kb_) + children_kb_.value_or(0);
    }
  }
  if (rss_growth_kb_) result.rss_growth_kb = rss_growth_kb_;
  if (model_.event_loop != EventLoop::absent) {
    result.loop_blocked = {.total = Seconds(loop_blocked_) / runs,
                           .longest = Seconds(loop_blocked_longest_)};
  }
  if (!job_ends_.empty()) {
    std::vector<nanoseconds> ends = job_ends_;
    result.job_p50 = percentile(ends, 0.50);
    result.job_p99 = percentile(ends, 0.99);
    result.job_max = percentile(ends, 1.0);
  }
  if (origin_cpu_before_) {
    if (const auto now = origin_cpu_clock_()) {
      result.origin_cpu = (*now - *origin_cpu_before_) / runs;
    }
  }
  if (!fetches_.empty()) result.reused = mean(reused_) / static_cast<double>(fetches_.size());
  result.failures = failures_;
  return result;
}

Measurement measure(const ExecutionModel& model, const Workload& workload, const HttpClient& client,
                    unsigned workers, OriginCpuClock origin_cpu) {
  Measurer measurer(model, workload, client, workers, std::move(origin_cpu));
  measurer.run();
  return measurer.finish();
}

}  // namespace concurrency_models
