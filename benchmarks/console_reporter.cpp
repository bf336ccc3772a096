#include "console_reporter.h"

#include <cmath>
#include <ostream>
#include <sstream>
#include <string>
#include <utility>

namespace concurrency_models::bench {
namespace {

constexpr std::string_view debug_warning = "***WARNING*** Library was built as DEBUG";

void copy_without_debug_warning(std::istream& lines, std::ostream& out) {
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(debug_warning)) out << line << '\n';
  }
}

void print(std::ostream& out, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) out << line << '\n';
}

}  // namespace

void print_context(std::ostream& out, const benchmark::BenchmarkReporter::Context& context,
                   const std::vector<std::string>& own_lines) {
  std::stringstream lines;
  benchmark::BenchmarkReporter::PrintBasicContext(&lines, context);
  copy_without_debug_warning(lines, out);
  print(out, own_lines);
}

ConsoleReporter::ConsoleReporter(std::shared_ptr<benchmark::BenchmarkReporter> table,
                                 std::vector<std::string> context_lines)
    : table_(std::move(table)), context_lines_(std::move(context_lines)) {}

bool ConsoleReporter::ReportContext(const Context& context) {
  std::stringstream lines;
  table_->SetOutputStream(&GetOutputStream());
  table_->SetErrorStream(&lines);
  const bool go_on = table_->ReportContext(context);
  table_->SetErrorStream(&GetErrorStream());
  copy_without_debug_warning(lines, GetErrorStream());
  print(GetErrorStream(), context_lines_);
  return go_on;
}

void ConsoleReporter::ReportRuns(const std::vector<Run>& runs) {
  std::vector<Run> shown = runs;
  for (Run& run : shown) {
    // Of counters that are zero the library computes a variation of 0 / 0.
    std::erase_if(run.counters, [](const auto& each) { return !std::isfinite(each.second.value); });
  }
  table_->ReportRuns(shown);
}

void ConsoleReporter::Finalize() { table_->Finalize(); }

}  // namespace concurrency_models::bench
