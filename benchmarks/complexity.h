#pragma once

#include <vector>

#include "google_benchmark.h"

namespace concurrency_models::bench {

/// Gathers the runs of one family of cases with numbers of jobs, and fits their times to the orders
/// of growth that Google Benchmark knows, by least squares as it does itself. Its own fit is of no
/// use here: a family all of whose runs fail crashes it (seen in 1.7.1).
class ComplexityFit {
 public:
  using Run = benchmark::BenchmarkReporter::Run;

  /// Runs that failed, are aggregates, or have no number of jobs do not count.
  void add(const Run& run);

  /// The rows BigO and RMS of what was gathered since the last time, in Google Benchmark's form;
  /// none of fewer than two numbers of jobs.
  [[nodiscard]] std::vector<Run> take();

  /// Whether runs of another family were gathered than `run` is of.
  [[nodiscard]] bool is_of_another_family(const Run& run) const {
    return !runs_.empty() && runs_.front().family_index != run.family_index;
  }

 private:
  std::vector<Run> runs_;
};

}  // namespace concurrency_models::bench
