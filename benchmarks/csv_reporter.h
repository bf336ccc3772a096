#pragma once

#include <string>
#include <utility>
#include <vector>

#include "google_benchmark.h"

namespace concurrency_models::bench {

/// Comma-separated values in the columns of Google Benchmark's CSVReporter, counters after those.
///
/// That one takes its columns from the first case and aborts when a later one has a counter more,
/// as cases with an event loop do; it is also to be removed. Here the columns are known beforehand.
class CsvReporter final : public benchmark::BenchmarkReporter {
 public:
  /// `counters` are the columns for counters; others are not written. The context goes to the error
  /// stream, unless that is the output itself.
  CsvReporter(std::vector<std::string> counters, std::vector<std::string> context_lines)
      : counters_(std::move(counters)), context_lines_(std::move(context_lines)) {}

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

 private:
  std::vector<std::string> counters_;
  std::vector<std::string> context_lines_;
};

}  // namespace concurrency_models::bench
