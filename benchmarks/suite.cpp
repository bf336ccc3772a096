#include "concurrency_models/bench/suite.h"

#include <cerrno>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include "case_family.h"
#include "command_line.h"
#include "concurrency_models/cores.h"
#include "concurrency_models/descriptor_limit.h"
#include "concurrency_models/event_loop_backend.h"
#include "context.h"
#include "environment.h"
#include "error_advice.h"
#include "failure_log.h"
#include "google_benchmark.h"
#include "interrupt.h"
#include "one_line.h"
#include "options.h"
#include "registration.h"
#include "reporters.h"
#include "selection.h"
#include "text_file.h"
#include "trace.h"
#include "usage_error.h"

namespace concurrency_models::bench {
namespace {

constexpr int failure_status = 1;
constexpr int usage_status = 2;

/// Stands in for a reporter where nothing is to be reported: ends the run before it begins.
class SilentReporter final : public benchmark::BenchmarkReporter {
 public:
  SilentReporter() {
    SetOutputStream(&output_);
    SetErrorStream(&errors_);  // else it would be the program's
  }
  bool ReportContext(const Context& /*context*/) override { return false; }
  void ReportRuns(const std::vector<Run>& /*runs*/) override {}
  [[nodiscard]] std::string output() const { return output_.str(); }

 private:
  std::ostringstream output_;
  std::ostringstream errors_;
};

void give_flags(std::vector<std::string> flags, char* program) {
  std::vector<char*> arguments = {program};
  for (std::string& flag : flags) arguments.push_back(flag.data());
  auto count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
}

/// Gives Google Benchmark its flags, but for the output file, which it empties when it looks what
/// there is to run. Those that are ours to act on are always given, because the library has read
/// the environment by itself.
void initialize(const GoogleOptions& options, char* program) {
  std::vector<std::string> flags = options.flags;
  flags.push_back(std::string("--benchmark_list_tests=") + (options.list_tests ? "true" : "false"));
  flags.emplace_back("--benchmark_format=console");
  flags.emplace_back("--benchmark_out=");
  benchmark::SetDefaultTimeUnit(benchmark::kMillisecond);
  give_flags(std::move(flags), program);
}

void name_output_file(const std::string& file, char* program) {
  // Initialised once more, the library complains that it knows what is in BENCHMARK_CONTEXT
  // already.
  std::streambuf* const errors = std::cerr.rdbuf(nullptr);
  give_flags({"--benchmark_out=" + file}, program);
  std::cerr.rdbuf(errors);
}

bool matches_any_case(const std::string& filter) {
  SilentReporter reporter;
  return benchmark::RunSpecifiedBenchmarks(&reporter, filter) > 0;
}

/// By the library's own engine, which differs from system to system and says why it fails in words
/// of its own: beside an alternative that matches everything only what is no expression yields
/// nothing.
bool is_expression(std::string_view filter) {
  if (filter.starts_with('-')) filter.remove_prefix(1);  // all but those that match the rest
  return matches_any_case(".|" + std::string(filter));
}

/// Google Benchmark takes a filter that matches nothing, or is no expression, for a run that went
/// well. So we ask beforehand.
void require_match(const std::string& filter) {
  if (matches_any_case(filter)) return;
  throw UsageError(bad_value(
      "--benchmark_filter", filter,
      is_expression(filter) ? "matches no case; bench --benchmark_list_tests lists them"
                            : "is no regular expression; escape what it means literally with \\"));
}

std::string cannot_write(const std::string& where, const std::error_code& error) {
  return where + ": cannot be written: " + error.message() + "; make room, or write it elsewhere";
}

void print(const std::string& text) {
  errno = 0;
  if (!(std::cout << text << std::flush)) {
    throw std::runtime_error(cannot_write("standard output", {errno, std::generic_category()}));
  }
}

void list_cases(const std::string& filter) {
  SilentReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter, filter);
  print(reporter.output());
}

/// Says so if not.
bool is_complete(const std::string& where, const WatchedReporter& reporter) {
  if (!reporter.failure()) return true;
  std::cerr << "bench: " + one_line(cannot_write(where, reporter.failure())) + '\n';
  return false;
}

/// True if all that was measured could be written.
bool run_cases(const GoogleOptions& options, const nlohmann::ordered_json& context) {
  WatchedReporter display = display_reporter(options, context);
  WatchedReporter file = file_reporter(options, context);
  benchmark::RunSpecifiedBenchmarks(&display, options.out.empty() ? nullptr : &file,
                                    options.filter);
  const bool displayed = is_complete("standard output", display);
  return is_complete("--benchmark_out: '" + options.out.string() + '\'', file) && displayed;
}

/// Each pass is reported as if it were a run of its own.
bool run_passes(Options options, Environment& environment, std::span<const ExecutionModel> models) {
  bool written = true;
  std::size_t number = 0;
  for (std::string line; std::getline(std::cin, line);) {
    options.faults = faults_in(line, "standard input, line " + std::to_string(++number), options);
    environment.use_faults(options);
    written = run_cases(options.google, suite_context(options, environment, models)) && written;
  }
  return written;
}

/// What --help says of a program's own models.
std::string describe(std::span<const ExecutionModel> own_models) {
  std::string text;
  std::string with_own_client;
  for (const ExecutionModel& model : own_models) {
    text += (text.empty() ? "This program's own models: " : ", ") + model.name;
    for (std::size_t i = 0; i < model.workloads.size(); ++i) {
      text += (i == 0 ? " (of " : ", ") + model.workloads[i];
    }
    if (!model.workloads.empty()) text += ')';
    if (model.has_own_client) with_own_client += (with_own_client.empty() ? "" : ", ") + model.name;
  }
  if (text.empty()) return text;
  if (!with_own_client.empty()) {
    text += ". No --connection but fresh for " + with_own_client +
            ": nothing can be warmed up for what fetches by itself";
  }
  return text + ".\n";
}

int run(int argc, char** argv, std::span<const ExecutionModel> own_models,
        const std::filesystem::path& origin_program) {
  const auto parsed = parse_options(argc, argv);
  if (const Help* const help = std::get_if<Help>(&parsed)) {
    print(help->text + describe(own_models));
    return 0;
  }
  const Options& options = std::get<Options>(parsed);
  const std::vector<ExecutionModel> models = select_models(options.models, own_models);
  FailureLog failures(std::cerr);
  std::optional<Environment> environment;
  Trace trace;
  const std::vector<CaseFamily> families = case_families(models, options, available_cores());
  if (families.empty()) {
    throw UsageError(
        "--models, --workloads, --connection: no selected model can run a selected workload like "
        "that; bench --help says which can");
  }
  register_cases(families, environment, failures, options.trace.empty() ? nullptr : &trace);
  initialize(options.google, argv[0]);
  require_match(options.google.filter);
  if (options.google.list_tests) {
    list_cases(options.google.filter);
    return 0;
  }
  if (!options.google.out.empty()) {
    check_writable("--benchmark_out", options.google.out);
    name_output_file(options.google.out, argv[0]);
  }
  if (!options.trace.empty()) check_writable("--trace", options.trace);
  require_event_loop();
  const InterruptHandler handler;
  raise_descriptor_limit();  // some models open a connection for each job at once
  environment.emplace(options, origin_program);
  const bool written =
      options.pass_per_line
          ? run_passes(options, *environment, models)
          : run_cases(options.google, suite_context(options, *environment, models));
  if (!options.trace.empty()) trace.write(options.trace);
  return written && failures.empty() ? 0 : failure_status;
}

}  // namespace

int bench_main(int argc, char** argv, std::span<const ExecutionModel> own_models,
               const std::filesystem::path& origin_program) {
  int status = 0;
  try {
    status = run(argc, argv, own_models, origin_program);
  } catch (const UsageError& error) {
    std::cerr << "bench: " + one_line(error.what()) + '\n';
    status = usage_status;
  } catch (const std::exception& error) {
    std::cerr << "bench: " + one_line(text_with_advice(error)) + '\n';
    status = failure_status;
  }
  benchmark::ClearRegisteredBenchmarks();  // they refer to what is gone now
  return status;
}

}  // namespace concurrency_models::bench
