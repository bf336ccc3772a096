#include "google_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

#include "command_line.h"
#include "google_benchmark.h"
#include "option_values.h"

namespace concurrency_models::bench {
namespace {

constexpr double max_time_s = 3600;
constexpr std::uint64_t max_repetitions = 10'000;
constexpr std::uint64_t max_verbosity = 100;
constexpr const char* google_group = "Options of Google Benchmark (or BENCHMARK_* variables)";

std::string upper_case(std::string_view text) {
  std::string upper(text);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper;
}

Format parse_format(const std::string& text) {
  return static_cast<Format>(parse_choice(text, {"console", "json", "csv"}));
}

/// "0.05" or "0.05s": releases of Google Benchmark differ in what they take, we take both.
std::string parse_seconds(std::string text) {
  if (text.ends_with('s')) text.pop_back();
  static_cast<void>(parse_decimal(text, 0, max_time_s));
  return text;
}

std::string parse_color(const std::string& text) try {
  if (text == "auto") return text;
  return parse_switch(text) ? "true" : "false";
} catch (const std::invalid_argument&) {
  throw std::invalid_argument("must be auto, true or false");
}

void declare(CLI::Option* option, const std::string& name) {
  option->group(google_group)->envname(upper_case(name));
}

}  // namespace

GoogleOptionParser::GoogleOptionParser(CLI::App& app, GoogleOptions& options) : options_(options) {
  add_values(app);
  add_switches(app);
}

void GoogleOptionParser::add_values(CLI::App& app) {
  const auto add = [&app](const std::string& name, const std::string& type,
                          const std::string& description, auto handle) {
    declare(add_value(app, "--" + name, type, description, handle), name);
  };
  const auto pass = [this](const std::string& name, const std::string& value) {
    options_.flags.push_back("--" + name + '=' + value);
  };
  add("benchmark_filter", "REGEX", "Run the cases whose names match; -REGEX: those that do not",
      [this](const std::string& text) { options_.filter = text; });
  add("benchmark_min_time", "SECONDS", "Repeat a case for at least so long [0.5]",
      [pass](const std::string& text) {
        pass("benchmark_min_time", parse_seconds(text) + (times_carry_unit ? "s" : ""));
      });
  add("benchmark_min_warmup_time", "SECONDS", "Before that, run it unmeasured for so long [0]",
      [pass](const std::string& text) { pass("benchmark_min_warmup_time", parse_seconds(text)); });
  add("benchmark_repetitions", "N", "Measure each case N times, then mean, median and deviation",
      [pass](const std::string& text) {
        static_cast<void>(parse_whole(text, 1, max_repetitions));
        pass("benchmark_repetitions", text);
      });
  add("benchmark_format", "console|json|csv", "What to write to standard output [console]",
      [this](const std::string& text) { options_.format = parse_format(text); });
  add("benchmark_out", "FILE", "Write the results to a file as well",
      [this](const std::string& text) { options_.out = text; });
  add("benchmark_out_format", "json|console|csv", "What to write to that file [json]",
      [this](const std::string& text) { options_.out_format = parse_format(text); });
  add("benchmark_color", "auto|true|false", "Colours on the console [auto: on a terminal]",
      [pass](const std::string& text) { pass("benchmark_color", parse_color(text)); });
  add("benchmark_perf_counters", "LIST", "Counters of the processor, where the library has libpfm",
      [this, pass](const std::string& text) {
        options_.perf_counters = parse_names(text);
        pass("benchmark_perf_counters", text);
      });
  add("benchmark_context", "KEY=VALUE,...", "More to say in the context of the results",
      [this](const std::string& text) { options_.context = parse_pairs(text); });
  add("benchmark_time_unit", "ns|us|ms|s", "Unit of the times in the table [ms]",
      [pass](const std::string& text) {
        static_cast<void>(parse_choice(text, {"ns", "us", "ms", "s"}));
        pass("benchmark_time_unit", text);
      });
  // Without its variable, V, which build systems use for something else.
  options_.flags.emplace_back("--v=0");
  add_value(app, "--v", "LEVEL", "How much Google Benchmark logs to standard error [0]",
            [pass](const std::string& text) {
              static_cast<void>(parse_whole(text, 0, max_verbosity));
              pass("v", text);
            })
      ->group(google_group);
}

void GoogleOptionParser::add_switches(CLI::App& app) {
  switches_ = {{"benchmark_list_tests", ""},
               {"benchmark_enable_random_interleaving", ""},
               {"benchmark_report_aggregates_only", ""},
               {"benchmark_display_aggregates_only", ""},
               {"benchmark_counters_tabular", ""}};
  const std::vector<std::string> descriptions = {
      "List the names of the cases, run none", "Repetitions of all cases in random order",
      "Of repetitions, write mean, median and deviation only",
      "The same for standard output alone, not the file",
      "A column for each counter on the console"};
  for (std::size_t i = 0; i < switches_.size(); ++i) {
    declare(app.add_flag("--" + switches_[i].name, switches_[i].text, descriptions[i]),
            switches_[i].name);
  }
}

void GoogleOptionParser::finish() {
  for (const Switch& given : switches_) {
    if (given.text.empty()) continue;
    const bool on = switch_value("--" + given.name, given.text);
    if (given.name == "benchmark_list_tests") {
      options_.list_tests = on;
    } else {
      options_.flags.push_back("--" + given.name + (on ? "=true" : "=false"));
    }
  }
}

}  // namespace concurrency_models::bench
