#include "model_fixture.h"

#include <algorithm>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "counters.h"
#include "error_advice.h"

namespace concurrency_models::bench {
namespace {

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
  const Workload& workload = environment_->workload(family_.workload);
  ideal_ = environment_->ideal_time(*family_.model, workload, workers(state));
  measurer_.emplace(*family_.model, workload, environment_->client(), workers(state),
                    environment_->origin_cpu_clock(workload));
  if (trace_ == nullptr) return;
  measurer_->observe([this, &workload, name = case_name(state)](const RunReport& report,
                                                                JobTimeline::TimePoint start) {
    trace_->add(name, *family_.model, workload, report.records, start);
  });
}

void ModelFixture::BenchmarkCase(benchmark::State& state) {
  std::optional<std::string> failure;
  const std::function<void()> prepare =
      environment_->preparation(environment_->workload(family_.workload));
  for ([[maybe_unused]] auto iteration : state) {
    if (prepare) {
      state.PauseTiming();
      prepare();
      state.ResumeTiming();
    }
    failure = run_once();
    if (failure) break;
  }
  if (failure) {
    failures_.add(case_name(state), *failure);
    state.SkipWithError(failure->c_str());
  } else {
    Measurement measurement = measurer_->finish();
    measurement.ideal = ideal_;
    state.counters.merge(to_counters(measurement));
  }
}

void ModelFixture::TearDown(benchmark::State& /*state*/) { measurer_.reset(); }

std::optional<std::string> ModelFixture::run_once() {
  try {
    measurer_->run();
  } catch (const std::exception& exception) {
    return text_with_advice(exception);  // the model cannot work at all
  }
  const std::vector<JobFailure>& failures = measurer_->failures();
  if (failures.empty()) return std::nullopt;
  return describe(failures, environment_->workload(family_.workload).jobs.size(),
                  measurer_->finish().processes);
}

unsigned ModelFixture::workers(const benchmark::State& state) const {
  return family_.workers.empty() ? 0 : static_cast<unsigned>(state.range(0));
}

std::string ModelFixture::case_name(const benchmark::State& state) const {
  const unsigned number = workers(state);
  return number == 0 ? family_.name() : family_.name() + "/workers:" + std::to_string(number);
}

}  // namespace concurrency_models::bench
