#pragma once

#include <memory>
#include <string>
#include <vector>

#include "google_benchmark.h"

namespace concurrency_models::bench {

/// What Google Benchmark says of the machine, then our lines.
void print_context(std::ostream& out, const benchmark::BenchmarkReporter::Context& context,
                   const std::vector<std::string>& own_lines);

/// Google Benchmark's table for people, without its warning that the library may be slow: Debian's
/// says so although it is optimised, and it is not the library that is measured.
class ConsoleReporter final : public benchmark::BenchmarkReporter {
 public:
  /// `table` is the library's own reporter.
  ConsoleReporter(std::shared_ptr<benchmark::BenchmarkReporter> table,
                  std::vector<std::string> context_lines);

  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

 private:
  std::shared_ptr<benchmark::BenchmarkReporter> table_;
  std::vector<std::string> context_lines_;
};

}  // namespace concurrency_models::bench
