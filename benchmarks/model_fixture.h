#pragma once

#include <optional>

#include "case_family.h"
#include "concurrency_models/measure.h"
#include "environment.h"
#include "failure_log.h"
#include "google_benchmark.h"
#include "trace.h"

namespace concurrency_models::bench {

/// Runs the cases of one family: each iteration is one run of the workload under the model. A run
/// in which any job failed ends the case with an error.
class ModelFixture final : public benchmark::Fixture {
 public:
  /// The environment must be there when the first case begins; it and the log must outlive the
  /// fixture.
  /// So must the trace, if there is one to be kept.
  ModelFixture(CaseFamily family, const std::optional<Environment>& environment,
               FailureLog& failures, Trace* trace);

  void SetUp(benchmark::State& state) override;
  void TearDown(benchmark::State& state) override;
  using benchmark::Fixture::SetUp;
  using benchmark::Fixture::TearDown;

 protected:
  void BenchmarkCase(benchmark::State& state) override;

 private:
  /// All that a case needs before its first run.
  void begin_case(const benchmark::State& state);
  void skip(benchmark::State& state, const std::string& reason);
  /// What goes wrong meanwhile, or went wrong in runs, if anything.
  template <class Action>
  [[nodiscard]] std::optional<std::string> failure_of(Action action);
  /// What the case is to run.
  [[nodiscard]] const Workload& workload() const;
  [[nodiscard]] unsigned workers(const benchmark::State& state) const;
  [[nodiscard]] std::string case_name(const benchmark::State& state) const;

  CaseFamily family_;
  const std::optional<Environment>& environment_;
  FailureLog& failures_;
  Trace* trace_;
  std::optional<Measurer> measurer_;  ///< of the case that runs
  std::optional<Seconds> ideal_;      ///< the same
  std::optional<Workload> scaled_;    ///< the same, if its number of jobs is given
};

}  // namespace concurrency_models::bench
