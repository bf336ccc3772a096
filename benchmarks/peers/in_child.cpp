#include "in_child.h"

#include <algorithm>
#include <array>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "concurrency_models/peak_memory.h"
#include "concurrency_models/process_group.h"
#include "concurrency_models/shared_array.h"

namespace concurrency_models::bench::peers {
namespace {

/// What the child tells. In shared memory, read when it has ended.
struct Report {
  unsigned threads = 0;
  bool knows_peak = false;
  std::int64_t rss_growth_kb = 0;
  bool failed = false;
  std::array<char, 256> reason{};  ///< ends with a zero
};

void run_here(const ExecutionModel& model, JobRun& jobs, unsigned workers, Report& report) {
  const auto before = peak_memory_kb();  // a child is born with a peak of what is resident then
  try {
    report.threads = model.run(jobs, workers).threads;
  } catch (const std::exception& error) {
    const std::string_view what = error.what();
    what.copy(report.reason.data(), report.reason.size() - 1);
    report.failed = true;
  }
  const auto after = peak_memory_kb();
  report.knows_peak = before && after;
  if (report.knows_peak) report.rss_growth_kb = *after - *before;
}

WorkersUsed run_in_child(const ExecutionModel& model, JobRun& jobs, unsigned workers) {
  SharedArray<Report> shared(1);
  const Report& report = shared[0];
  ProcessGroup child;
  child.start([&](unsigned /*number*/) { run_here(model, jobs, workers, shared[0]); });
  const int status = child.wait(0);
  if (report.failed) throw std::runtime_error(model.name + ": " + report.reason.data());
  for (std::size_t job = 0; status != 0 && job < jobs.size(); ++job) {
    if (jobs.done(job)) continue;
    jobs.fail(job, {.stage = Stage::work, .code = {status, process_exit_category()}});
  }
  WorkersUsed used{.processes = 1, .threads = report.threads, .children = child.usage()};
  if (report.knows_peak) used.rss_growth_kb = report.rss_growth_kb;
  return used;
}

}  // namespace

ExecutionModel in_child(ExecutionModel model) {
  ExecutionModel outer = model;
  outer.forks = true;
  outer.run = [inner = std::move(model)](JobRun& jobs, unsigned workers) {
    return run_in_child(inner, jobs, workers);
  };
  return outer;
}

}  // namespace concurrency_models::bench::peers
