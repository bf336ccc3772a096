#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <system_error>
#include <utility>

#include "complexity.h"
#include "google_benchmark.h"
#include "options.h"

namespace concurrency_models::bench {

/// Passes everything on to another reporter, adds how families of cases grow with their numbers of
/// jobs, and keeps an eye on what becomes of its output, which
/// Google Benchmark does not: a full disk would go unnoticed.
class WatchedReporter final : public benchmark::BenchmarkReporter {
 public:
  explicit WatchedReporter(std::unique_ptr<benchmark::BenchmarkReporter> reporter)
      : reporter_(std::move(reporter)) {}

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

  /// Why not everything reported so far could be written; no error if it could.
  [[nodiscard]] const std::error_code& failure() const { return failure_; }

 private:
  void watch(const std::function<void()>& report);
  void report_complexity();

  std::unique_ptr<benchmark::BenchmarkReporter> reporter_;
  std::error_code failure_;
  ComplexityFit complexity_;
};

/// The reporter for standard output. After benchmark::Initialize, which says if it is coloured.
[[nodiscard]] WatchedReporter display_reporter(const GoogleOptions& options,
                                               const nlohmann::ordered_json& context);

/// The reporter for the file.
[[nodiscard]] WatchedReporter file_reporter(const GoogleOptions& options,
                                            const nlohmann::ordered_json& context);

}  // namespace concurrency_models::bench
