#include "csv_reporter.h"

#include <cmath>
#include <limits>
#include <ostream>
#include <sstream>

#include "console_reporter.h"

namespace concurrency_models::bench {
namespace {

/// https://www.rfc-editor.org/rfc/rfc4180
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

/// Empty for what is not finite: spreadsheets read no "nan".
std::string number(double value) {
  if (!std::isfinite(value)) return {};
  std::ostringstream text;
  text.precision(std::numeric_limits<double>::digits10);
  text << value;
  return text.str();
}

}  // namespace

bool CsvReporter::ReportContext(const Context& context) {
  std::ostream& out = GetOutputStream();
  if (&GetErrorStream() != &out) print_context(GetErrorStream(), context, context_lines_);
  out << "name,iterations,real_time,cpu_time,time_unit,bytes_per_second,items_per_second,label,"
         "error_occurred,error_message";
  for (const std::string& counter : counters_) out << ',' << quoted(counter);
  out << '\n';
  return true;
}

void CsvReporter::ReportRuns(const std::vector<Run>& runs) {
  std::ostream& out = GetOutputStream();
  for (const Run& run : runs) {
    const std::optional<std::string> error = error_of(run);
    const bool percentage =
        run.run_type == Run::RT_Aggregate && run.aggregate_unit == benchmark::kPercentage;
    out << quoted(run.benchmark_name()) << ',';
    if (error) {
      out << ",,,,,," << (run.report_label.empty() ? "" : quoted(run.report_label)) << ",true,"
          << quoted(*error);
    } else {
      out << run.iterations << ','
          << number(percentage ? run.real_accumulated_time : run.GetAdjustedRealTime()) << ','
          << number(percentage ? run.cpu_accumulated_time : run.GetAdjustedCPUTime()) << ','
          << (run.report_rms ? "" : benchmark::GetTimeUnitString(run.time_unit)) << ",,,"
          << (run.report_label.empty() ? "" : quoted(run.report_label)) << ",,";
    }
    for (const std::string& name : counters_) {
      const auto counter = run.counters.find(name);
      out << ',' << (error || counter == run.counters.end() ? "" : number(counter->second.value));
    }
    out << '\n';
  }
}

}  // namespace concurrency_models::bench
