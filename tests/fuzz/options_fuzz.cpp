// Any lines as bench's command line, one argument each; those of the form BENCHMARK_NAME=VALUE are
// put into the environment instead. What is taken is within bounds, is what Google Benchmark takes
// too, and means the same when written out as a command line again.

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iomanip>
#include <limits>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "concurrency_models/origin_protocol.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/require.h"
#include "google_benchmark.h"
#include "one_line.h"
#include "options.h"
#include "support/temporary_directory.h"
#include "support/test_certificates.h"
#include "usage_error.h"

namespace concurrency_models::fuzz {
namespace {

using namespace bench;
using Arguments = std::vector<std::string>;

/// Files that inputs can name, in the program's working directory.
class Files {
 public:
  Files() {
    write("urls", "https://example.org/\n# comment\nhttp://127.0.0.1:8080/a?b\n");
    write("ca", TestAuthority("fuzz").pem());
    if (::chdir(directory_.file("").c_str()) != 0) {
      throw std::system_error(errno, std::generic_category(), "chdir");
    }
  }
  /// Makes a file with this content and returns its path.
  std::string write(const std::string& name, const std::string& content) const {
    return directory_.write(name, content);
  }

 private:
  TemporaryDirectory directory_;
};

const Files& files() {
  static const Files made;
  return made;
}

/// What an input asks for; variables are gone with the object.
class CommandLine {
 public:
  explicit CommandLine(std::string_view input) {
    while (true) {
      const std::size_t end = input.find('\n');
      add(std::string(input.substr(0, end)));
      if (end == std::string_view::npos) return;
      input.remove_prefix(end + 1);
    }
  }
  ~CommandLine() {
    for (const std::string& name : variables_) ::unsetenv(name.c_str());
  }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  CommandLine(CommandLine&&) = delete;
  CommandLine& operator=(CommandLine&&) = delete;

  [[nodiscard]] const Arguments& arguments() const { return arguments_; }

 private:
  void add(std::string line) {
    std::replace(line.begin(), line.end(), '\0', ' ');  // no argument can hold it
    const std::size_t end = line.find('=');
    if (!line.starts_with("BENCHMARK_") || end == std::string::npos) {
      arguments_.push_back(std::move(line));
      return;
    }
    const std::string name = line.substr(0, end);
    ::setenv(name.c_str(), line.c_str() + end + 1, 1);
    variables_.insert(name);
  }

  Arguments arguments_;
  std::set<std::string> variables_;
};

std::variant<Options, Help> parse(const Arguments& arguments) {
  std::vector<const char*> argv = {"bench"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return parse_options(static_cast<int>(argv.size()), argv.data());
}

std::string exact(double number) {
  std::ostringstream text;
  text << std::setprecision(std::numeric_limits<double>::max_digits10) << number;
  return text.str();
}

std::string seconds_text(std::chrono::nanoseconds duration) {
  constexpr int digits = 9;
  const auto whole = std::chrono::floor<std::chrono::seconds>(duration);
  std::ostringstream text;
  text << whole.count() << '.' << std::setw(digits) << std::setfill('0')
       << (duration - whole).count();
  return text.str();
}

std::string format_name(Format format) {
  return format == Format::console ? "console" : format == Format::json ? "json" : "csv";
}

/// The same options as a command line; only what can be left out is.
class Written {
 public:
  explicit Written(const Options& options) {
    add_source(options);
    add_work(options);
    add_google(options.google);
  }
  [[nodiscard]] const Arguments& arguments() const { return arguments_; }

 private:
  /// An empty value cannot follow a '=', and one that looks like an option can follow nothing else.
  void add(const std::string& option, const std::string& value) {
    if (!value.empty()) return arguments_.push_back(option + '=' + value);
    arguments_.push_back(option);
    arguments_.push_back(value);
  }
  template <class Texts>
  void add_list(const std::string& option, const Texts& texts) {
    std::string list;
    for (const auto& text : texts) list.append(list.empty() ? "" : ",").append(text);
    if (!list.empty()) add(option, list);
  }
  void add_selection(const std::string& option, const Selection& selection) {
    if (selection.kind == Selection::Kind::all) add(option, "all");
    add_list(option, selection.names);
  }

  void add_source(const Options& options) {
    if (const auto* const origin = std::get_if<EmbeddedOrigin>(&options.source)) {
      add("--scheme", origin->secure ? "https" : "http");
    } else if (const auto* const external = std::get_if<ExternalOrigin>(&options.source)) {
      add("--origin", external->url.text());
    } else {
      std::string list;
      for (const Url& url : std::get<UrlList>(options.source).urls) list += url.text() + '\n';
      add("--urls", files().write("urls_again", list));
    }
    if (options.latency) {
      add("--latency", seconds_text(*options.latency));
    } else if (!std::holds_alternative<UrlList>(options.source)) {
      add("--latency-scale", exact(options.latency_scale));
    }
    if (!options.ca_pem.empty()) add("--ca", files().write("ca_again", options.ca_pem));
  }

  void add_work(const Options& options) {
    if (options.fetches) add("--fetches", std::to_string(*options.fetches));
    add("--fibonacci", std::to_string(options.fibonacci.low) + ':' +
                           std::to_string(options.fibonacci.high) + ':' +
                           std::to_string(options.fibonacci.repeat));
    add("--files", std::to_string(options.files.count));
    constexpr std::uint64_t kib = 1024;
    add("--file-size", std::to_string(options.files.bytes / kib));
    if (!options.files.directory.empty()) add("--disk-directory", options.files.directory);
    std::vector<std::string> workers;
    for (const unsigned number : options.workers) workers.push_back(std::to_string(number));
    add_list("--workers", workers);
    if (options.in_flight != all_jobs) add("--in-flight", std::to_string(options.in_flight));
    add("--deadline", seconds_text(options.deadline));
    add_selection("--models", options.models);
    add_selection("--workloads", options.workloads);
    if (!options.trace.empty()) add("--trace", options.trace);
    if (options.study_only) arguments_.emplace_back("--study");
    if (!options.efficiency) arguments_.emplace_back("--efficiency=false");
    if (options.scales && options.jobs.empty()) add("--jobs", "decades");
    std::vector<std::string> jobs;
    for (const unsigned number : options.jobs) jobs.push_back(std::to_string(number));
    add_list("--jobs", jobs);
    add_faults(options);
  }

  void add_faults(const Options& options) {
    if (options.pass_per_line) arguments_.emplace_back("--pass-per-line");
    if (options.faults.empty() && !options.pass_per_line) return;
    std::vector<std::string_view> faults;
    for (const OriginFault& fault : options.faults) faults.push_back(fault.name);
    add_list("--fault", faults);
    const Selection& where = options.faulty_workloads;
    if (where.kind == Selection::Kind::standard) add("--fault-in", "standard");
    add_selection("--fault-in", where);
  }

  void add_google(const GoogleOptions& google) {
    if (!google.filter.empty()) add("--benchmark_filter", google.filter);
    if (google.list_tests) arguments_.emplace_back("--benchmark_list_tests");
    add("--benchmark_format", format_name(google.format));
    if (!google.out.empty()) add("--benchmark_out", google.out);
    add("--benchmark_out_format", format_name(google.out_format));
    std::vector<std::string> pairs;
    for (const auto& [key, value] : google.context) {
      pairs.emplace_back(key).append("=").append(value);
    }
    add_list("--benchmark_context", pairs);
    // The first is the default verbosity, which each reading puts before all others.
    require(!google.flags.empty() && google.flags.front() == "--v=0", "a default comes first");
    std::copy(google.flags.begin() + 1, google.flags.end(), std::back_inserter(arguments_));
  }

  Arguments arguments_;
};

void require_bounds(const Options& options) {
  require(options.latency_scale >= 0 && options.latency_scale <= 1000, "latency scale");
  require(!options.fetches || (*options.fetches >= 1 && *options.fetches <= 1'000'000), "fetches");
  require(options.files.count >= 1 && options.files.bytes >= 1, "files");
  require(options.fibonacci.low >= 1 && options.fibonacci.low <= options.fibonacci.high &&
              options.fibonacci.high <= 50,
          "numbers");
  require(options.deadline.count() > 0 && options.deadline <= std::chrono::hours(1), "deadline");
  for (const Selection& selection : {options.models, options.workloads}) {
    require(selection.names.empty() == (selection.kind != Selection::Kind::listed), "selection");
    require(!options.study_only || selection.kind == Selection::Kind::standard, "the study's own");
  }
  require(!options.study_only || options.workers.empty(), "the study's workers");
  require(options.faults.size() <= origin_hosts().size(), "a host has one fault");
  require(!options.pass_per_line || options.faults.empty(), "each line names the faults");
  if (const auto* const external = std::get_if<ExternalOrigin>(&options.source)) {
    require(external->url.target == "/", "an origin has no path", external->url.text());
    require(!external->url.secure || !options.ca_pem.empty(), "https needs an authority");
  }
  if (const auto* const list = std::get_if<UrlList>(&options.source)) {
    require(!list->urls.empty(), "a list of URLs has one");
  }
}

/// Google Benchmark ends the program, or complains, about flags that it does not take.
void require_taken_by_google_benchmark(Arguments flags) {
  std::string program = "bench";
  std::vector<char*> argv = {program.data()};
  for (std::string& flag : flags) argv.push_back(flag.data());
  auto count = static_cast<int>(argv.size());
  benchmark::Initialize(&count, argv.data());
  require(count == 1, "Google Benchmark takes each flag that was checked for it",
          count > 1 ? argv[1] : "");
}

}  // namespace

void try_input(std::string_view input) {
  static_cast<void>(files());
  std::optional<Options> options;
  {
    const CommandLine command_line(input);
    try {
      auto parsed = parse(command_line.arguments());
      if (std::holds_alternative<Help>(parsed)) return;
      options = std::get<Options>(std::move(parsed));
    } catch (const UsageError& error) {
      require_message(one_line(error.what()));
      return;
    }
  }
  require_bounds(*options);
  require_taken_by_google_benchmark(options->google.flags);
  const Written written(*options);
  const auto again = parse(written.arguments());
  require(std::holds_alternative<Options>(again), "options written out are options");
  const Written twice(std::get<Options>(again));
  const Arguments& expected = written.arguments();
  const auto [differs, wanted] = std::mismatch(twice.arguments().begin(), twice.arguments().end(),
                                               expected.begin(), expected.end());
  require(twice.arguments() == expected, "options written out mean the same",
          (differs == twice.arguments().end() ? "nothing" : *differs) + "' instead of '" +
              (wanted == expected.end() ? "nothing" : *wanted));
}

}  // namespace concurrency_models::fuzz
