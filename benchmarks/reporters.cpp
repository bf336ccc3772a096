#include "reporters.h"

#include <cerrno>
#include <ostream>
#include <string>
#include <vector>

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
  bool go_on = false;
  watch([&] { go_on = reporter_->ReportContext(context); });
  return go_on;
}

void WatchedReporter::ReportRuns(const std::vector<Run>& runs) {
  if (!runs.empty() && complexity_.is_of_another_family(runs.front())) report_complexity();
  watch([&] { reporter_->ReportRuns(runs); });
  for (const Run& run : runs) complexity_.add(run);
}

void WatchedReporter::report_complexity() {
  const std::vector<Run> rows = complexity_.take();
  if (!rows.empty()) watch([&] { reporter_->ReportRuns(rows); });
}

void WatchedReporter::Finalize() {
  report_complexity();
  watch([this] { reporter_->Finalize(); });
}

void WatchedReporter::watch(const std::function<void()>& report) {
  if (failure_) return report();
  errno = 0;
  report();
  // Streams know that they failed, not why; nothing but them calls the system here.
  if (!GetOutputStream().flush()) failure_ = {errno != 0 ? errno : EIO, std::generic_category()};
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
