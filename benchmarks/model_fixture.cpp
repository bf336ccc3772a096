#include "model_fixture.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "counters.h"
#include "error_advice.h"
#include "job_limit.h"

namespace concurrency_models::bench {
namespace {

/// Begins what is said of a number of jobs that is too much.
const std::string stopped_here = "stopped here, because ";

bool was_never_run(const JobFailure& failure) { return failure.error.code == Error::never_run; }

/// The first failure stands for all: it is nearly always the same that befell each job. But that
/// nobody took a job is a consequence of what befell another one's worker.
const JobFailure& cause_of(const std::vector<JobFailure>& failures) {
  const auto cause = std::find_if_not(failures.begin(), failures.end(), was_never_run);
  return cause == failures.end() ? failures.front() : *cause;
}

/// `processes` were there to take jobs.
std::string describe(const std::vector<JobFailure>& failures, std::size_t jobs,
                     unsigned processes) {
  const JobFailure& cause = cause_of(failures);
  std::string text = cause.what;
  if (failures.size() > 1) {
    text += " (and " + std::to_string(failures.size() - 1) + " more of " + std::to_string(jobs) +
            " jobs)";
  }
  if (was_never_run(cause) && processes > 0) {
    return text + "; its worker processes are gone: were they killed for want of memory?";
  }
  return text + "; " + advice(cause.error);
}

}  // namespace

ModelFixture::ModelFixture(CaseFamily family, const std::optional<Environment>& environment,
                           FailureLog& failures, Trace* trace)
    : family_(std::move(family)), environment_(environment), failures_(failures), trace_(trace) {}

void ModelFixture::SetUp(benchmark::State& state) {
  state.SetLabel(family_.label(workers(state)));
  if (!family_.jobs.empty()) {
    const auto jobs = static_cast<std::size_t>(state.range(0));
    if (const auto limit = job_limit(*family_.model, family_.workload, jobs, workers(state),
                                     environment_->in_flight())) {
      return skip(state, stopped_here + *limit);
    }
    state.SetComplexityN(state.range(0));
  }
  const auto failure = failure_of([&] { begin_case(state); });
  if (failure) {
    TearDown(state);
    skip(state, *failure);
  }
}

void ModelFixture::begin_case(const benchmark::State& state) {
  if (!family_.jobs.empty()) {
    const auto jobs = static_cast<std::size_t>(state.range(0));
    scaled_ = environment_->scaled_workload(family_.workload, jobs);
  }
  const Workload& workload = this->workload();
  ideal_ = environment_->ideal_time(*family_.model, workload, workers(state));
  measurer_.emplace(*family_.model, workload, environment_->client(), workers(state),
                    environment_->origin_cpu_clock(workload), environment_->in_flight());
  if (trace_ == nullptr) return;
  measurer_->observe([this, &workload, name = case_name(state)](const RunReport& report,
                                                                JobTimeline::TimePoint start) {
    trace_->add(name, *family_.model, workload, report.records, start);
  });
}

void ModelFixture::skip(benchmark::State& state, const std::string& reason) {
  failures_.add(case_name(state), reason);
  state.SkipWithError(reason.c_str());
}

template <class Action>
std::optional<std::string> ModelFixture::failure_of(Action action) {
  const std::string prefix = family_.jobs.empty() ? "" : stopped_here;
  try {
    action();
  } catch (const std::exception& exception) {
    return prefix + text_with_advice(exception);  // nothing can be run at all
  }
  const std::vector<JobFailure>& failures = measurer_->failures();
  if (failures.empty()) return std::nullopt;
  return prefix + describe(failures, workload().jobs.size(), measurer_->finish().processes);
}

void ModelFixture::BenchmarkCase(benchmark::State& state) {
  if (!measurer_) return;  // it was skipped
  std::optional<std::string> failure;
  const std::function<void()> prepare = environment_->preparation(workload());
  const bool reuses = environment_->client().connection() != ConnectionMode::fresh;
  for ([[maybe_unused]] auto iteration : state) {
    failure = failure_of([&] {
      if (prepare || reuses) {
        state.PauseTiming();
        if (prepare) prepare();
        measurer_->warm_up();
        state.ResumeTiming();
      }
      measurer_->run_only();
      state.PauseTiming();
      measurer_->examine();
      state.ResumeTiming();
    });
    if (failure) break;
  }
  if (!failure && scaled_) failure = failure_of([this] { measurer_->weigh_children(); });
  if (failure) {
    skip(state, *failure);
  } else {
    Measurement measurement = measurer_->finish();
    measurement.ideal = ideal_;
    if (scaled_) measurement.jobs = scaled_->jobs.size();
    state.counters.merge(to_counters(measurement));
  }
}

void ModelFixture::TearDown(benchmark::State& /*state*/) {
  measurer_.reset();
  scaled_.reset();
}

const Workload& ModelFixture::workload() const {
  return scaled_ ? *scaled_ : environment_->workload(family_.workload);
}

unsigned ModelFixture::workers(const benchmark::State& state) const {
  if (family_.workers.empty()) return 0;
  return static_cast<unsigned>(state.range(family_.jobs.empty() ? 0 : 1));
}

std::string ModelFixture::case_name(const benchmark::State& state) const {
  std::string name = family_.name();
  if (!family_.jobs.empty()) name += "/jobs:" + std::to_string(state.range(0));
  const unsigned number = workers(state);
  return number == 0 ? name : name + "/workers:" + std::to_string(number);
}

}  // namespace concurrency_models::bench
