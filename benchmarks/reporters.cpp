#include "reporters.h"

#include <ostream>
#include <string>
#include <utility>

#include "console_reporter.h"
#include "context.h"
#include "counters.h"
#include "csv_reporter.h"
#include "json_reporter.h"

namespace concurrency_models::bench {
namespace {

using benchmark::BenchmarkReporter;

std::unique_ptr<BenchmarkReporter> make_reporter(Format format, const GoogleOptions& options,
                                                 const nlohmann::ordered_json& context,
                                                 const std::shared_ptr<BenchmarkReporter>& table) {
  switch (format) {
    case Format::json:
      return std::make_unique<JsonReporter>(context);
    case Format::csv: {
      std::vector<std::string> columns(counter_names().begin(), counter_names().end());
      columns.insert(columns.end(), options.perf_counters.begin(), options.perf_counters.end());
      return std::make_unique<CsvReporter>(std::move(columns), to_lines(context));
    }
    case Format::console:
      break;
  }
  return std::make_unique<ConsoleReporter>(table, to_lines(context));
}

}  // namespace

bool WatchedReporter::ReportContext(const Context& context) {
  reporter_->SetOutputStream(&GetOutputStream());
  reporter_->SetErrorStream(&GetErrorStream());
  const bool go_on = reporter_->ReportContext(context);
  watch();
  return go_on;
}

void WatchedReporter::ReportRuns(const std::vector<Run>& runs) {
  reporter_->ReportRuns(runs);
  watch();
}

void WatchedReporter::Finalize() {
  reporter_->Finalize();
  watch();
}

void WatchedReporter::watch() {
  if (!GetOutputStream().flush()) written_ = false;
}

WatchedReporter display_reporter(const GoogleOptions& options,
                                 const nlohmann::ordered_json& context) {
  // The library made this one with its colours and columns, and keeps it.
  const std::shared_ptr<BenchmarkReporter> table(benchmark::CreateDefaultDisplayReporter(),
                                                 [](BenchmarkReporter*) {});
  return WatchedReporter(make_reporter(options.format, options, context, table));
}

WatchedReporter file_reporter(const GoogleOptions& options, const nlohmann::ordered_json& context) {
  const auto table =
      std::make_shared<benchmark::ConsoleReporter>(benchmark::ConsoleReporter::OO_None);
  return WatchedReporter(make_reporter(options.out_format, options, context, table));
}

}  // namespace concurrency_models::bench
