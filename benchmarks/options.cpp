#include "options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "command_line.h"
#include "concurrency_models/http_client.h"
#include "concurrency_models/origin_protocol.h"
#include "option_values.h"
#include "text_file.h"
#include "usage_error.h"

namespace concurrency_models::bench {
namespace {

constexpr double max_latency_scale = 1000;
constexpr std::size_t max_fetches = 1'000'000;
constexpr std::size_t max_files = 100'000;
constexpr std::uint64_t max_file_kib = std::uint64_t{1} << 20;
constexpr std::uint64_t kib = 1024;
constexpr const char* suite_group = "Options of the suite";
constexpr const char* examples = R"(
Of an option given twice the last counts. Examples:
  bench --benchmark_filter=cpu_
      one of the four workloads: io_, cpu_, mixed_ or blocking_
  bench --benchmark_filter='^io_async/' --fetches 1000 --latency-scale 5
      one case, many and slow requests
  bench --study --benchmark_format=json --benchmark_repetitions=5 > results.json
      the study's 18 cases, as numbers for other programs
  bench --models async,callbacks,fibers --workloads io,disk
      models and workloads beyond the study's; bench --models all --workloads all
      --benchmark_list_tests lists all there are
  bench --fault reset_in_body,status_500 --benchmark_filter='^io_async/'
      two of the ten hosts misbehave, and the case says so; origin --help lists the faults
  printf 'refuse\n\n' | bench --pass-per-line --benchmark_format=json
      all cases with a host that refuses, then in the same process with none: two documents
  bench --connection keepalive --benchmark_filter=io_
      without a handshake for each fetch
  bench --jobs 100,1000 --benchmark_filter='^io_.*/jobs:'
      how cases grow with the number of jobs, and what each job costs
  bench --fetches 10000 --in-flight 100 --latency 0 --benchmark_filter='^io_async/'
      ten thousand fetches, a hundred at a time
  bench --urls urls.txt --benchmark_filter=io_
      against servers of your own choice
Exit status: 0 if all went well, 1 if a case failed, 2 for what cannot be done as asked.)";

/// What the options say one by one, before they are looked at together.
struct Given {
  std::optional<bool> secure;
  std::optional<double> latency_scale;
  std::optional<Url> origin;
  std::optional<UrlList> urls;
  bool faulty_workloads = false;
  std::string study;  ///< empty: not given
  std::string efficiency;
  std::string pass_per_line;
};

/// Names of faults, one for each host at most.
std::vector<OriginFault> parse_faults(const std::string& text) {
  std::vector<OriginFault> faults;
  for (const std::string& name : parse_names(text)) {
    const OriginFault* const fault = find_origin_fault(name);
    if (fault == nullptr) {
      throw std::invalid_argument("there is no fault " + name + "; origin --help lists them");
    }
    faults.push_back(*fault);
  }
  if (faults.size() > origin_hosts().size()) {
    throw std::invalid_argument("must be " + std::to_string(origin_hosts().size()) +
                                " at most, for there are no more hosts");
  }
  return faults;
}

Url parse_origin(const std::string& text) {
  constexpr const char* accepted = "must be scheme, host and port, such as https://127.0.0.1:4433";
  Url url;
  try {
    url = parse_url(text);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string(accepted) + ": " + error.what());
  }
  if (url.target != "/") throw std::invalid_argument(accepted);
  return url;
}

/// The authorities in the file, once it is certain that a client can be made with them.
std::string read_authorities(const std::string& file) {
  std::string pem = read_text_file(file);
  try {
    if (pem.empty()) throw std::runtime_error("an empty file");
    const HttpClient trial(ClientOptions{.ca_pem = pem});
  } catch (const std::runtime_error& error) {
    throw std::invalid_argument(std::string("must be certificates in PEM form: ") + error.what());
  }
  return pem;
}

void add_source_options(CLI::App& app, Given& given, Options& options) {
  add_value(app, "--scheme", "https|http", "How to fetch from the suite's own origin [https]",
            [&given](const std::string& text) {
              given.secure = parse_choice(text, {"https", "http"}) == 0;
            });
  add_value(app, "--latency-scale", "X", "Multiply the ten hosts' latencies of 4 to 38 ms [1]",
            [&given](const std::string& text) {
              given.latency_scale = parse_decimal(text, 0, max_latency_scale);
            });
  add_value(app, "--latency", "SECONDS", "The same latency for all ten hosts",
            [&options](const std::string& text) { options.latency = parse_latency(text); });
  add_value(app, "--origin", "URL", "Fetch from an origin started by hand; https needs --ca",
            [&given](const std::string& text) { given.origin = parse_origin(text); });
  add_value(app, "--urls", "FILE", "Fetch these URLs, one a line, # begins a comment line",
            [&given](const std::string& text) {
              try {
                given.urls = UrlList{.file = text, .urls = parse_urls(read_text_file(text), text)};
              } catch (const std::invalid_argument& error) {
                throw UsageError(bad_value("--urls", text, error.what()));
              }
            });
  add_value(
      app, "--connection", "fresh|resumed|keepalive",
      "Whether fetches resume TLS sessions or keep connections alive; with keepalive there are "
      "no fetches under processes, whose workers live for one [fresh]",
      [&options](const std::string& text) {
        const auto& names = connection_mode_names;
        options.connection =
            static_cast<ConnectionMode>(parse_choice(text, {names.begin(), names.end()}));
      });
  add_value(app, "--ca", "FILE", "Trust these authorities (PEM) instead of the system's",
            [&options](const std::string& text) { options.ca_pem = read_authorities(text); });
  add_value(app, "--fault", "NAME,...",
            "Make the origin's first host misbehave so, the second so [none]; see origin --help",
            [&options](const std::string& text) { options.faults = parse_faults(text); });
  add_value(app, "--fault-in", "all|LIST", "Which workloads meet with the faults [all]",
            [&given, &options](const std::string& text) {
              options.faulty_workloads = parse_selection(text);
              given.faulty_workloads = true;
            });
  app.add_flag("--pass-per-line", given.pass_per_line,
               "All cases once for each line of standard input, which names faults or is empty");
}

void add_work_options(CLI::App& app, Given& given, Options& options) {
  add_value(
      app, "--fetches", "N", "Requests of the io workload [30, or one for each URL if more]",
      [&options](const std::string& text) { options.fetches = parse_whole(text, 1, max_fetches); });
  add_value(app, "--fibonacci", "LOW:HIGH:REPEAT", "Numbers of the cpu workload [32:38:3]",
            [&options](const std::string& text) { options.fibonacci = parse_fibonacci(text); });
  add_value(app, "--files", "N", "Files of the disk workload [64]",
            [&options](const std::string& text) {
              options.files.count = parse_whole(text, 1, max_files);
            });
  add_value(app, "--file-size", "KIB", "Size of each in KiB [1024]",
            [&options](const std::string& text) {
              options.files.bytes = parse_whole(text, 1, max_file_kib) * kib;
            });
  add_value(
      app, "--disk-directory", "DIR", "Where to make them, on the disk in question [/var/tmp]",
      [&options](const std::string& text) {
        std::error_code ignored;
        if (!std::filesystem::is_directory(text, ignored) || ::access(text.c_str(), W_OK) != 0) {
          throw std::invalid_argument("must be a directory that can be written to");
        }
        options.files.directory = text;
      });
  add_value(app, "--workers", "LIST",
            "Numbers of workers to try, beside the study's [1, 2, cores and multiples]",
            [&options](const std::string& text) { options.workers = parse_workers(text); });
  add_value(app, "--jobs", "decades|LIST",
            "io, cpu and empty once more, with so many jobs: decades is 100, 1000, 10000, and "
            "100000 for empty",
            [&options](const std::string& text) {
              options.jobs = parse_jobs(text);
              options.scales = true;
            });
  add_value(app, "--in-flight", "N",
            "How many jobs each event loop is at, at most; other models have their workers [all]",
            [&options](const std::string& text) {
              options.in_flight = parse_whole(text, 1, max_fetches);
            });
  add_value(app, "--deadline", "SECONDS", "How long one fetch may take at most [30]",
            [&options](const std::string& text) { options.deadline = parse_deadline(text); });
  add_value(app, "--models", "standard|all|LIST", "Which execution models [standard, the study's]",
            [&options](const std::string& text) { options.models = parse_selection(text); });
  add_value(app, "--workloads", "standard|all|LIST", "Which workloads [standard, the study's]",
            [&options](const std::string& text) { options.workloads = parse_selection(text); });
  add_value(app, "--trace", "FILE",
            "Write who ran which job when, for Perfetto or chrome://tracing",
            [&options](const std::string& text) { options.trace = text; });
  app.add_flag("--efficiency", given.efficiency,
               "Measure what would be possible, before the first case that asks [true]");
  app.add_flag("--study", given.study,
               "The study's 18 numbered cases only, pools with its number of workers");
}

void refuse_both(bool first, bool second, const std::string& names, const std::string& reason) {
  if (first && second) throw UsageError(names + " exclude each other: " + reason);
}

bool fetches_securely(const std::variant<EmbeddedOrigin, ExternalOrigin, UrlList>& source) {
  if (const auto* const embedded = std::get_if<EmbeddedOrigin>(&source)) return embedded->secure;
  if (const auto* const external = std::get_if<ExternalOrigin>(&source))
    return external->url.secure;
  return true;
}

void refuse_tls_faults(const std::vector<OriginFault>& faults, const std::string& source) {
  for (const OriginFault& fault : faults) {
    if (!fault.needs_tls) continue;
    throw UsageError(bad_value(source, std::string(fault.name),
                               "is a fault of TLS: fetch over https, or choose another"));
  }
}

/// Every fetch must be able to resume one.
void refuse_plain_http(const std::variant<EmbeddedOrigin, ExternalOrigin, UrlList>& source) {
  const std::string reason =
      "--connection resumed: there is no TLS session to resume over http; fetch over https only";
  if (!fetches_securely(source)) throw UsageError(reason);
  const auto* const list = std::get_if<UrlList>(&source);
  if (list == nullptr) return;
  for (const Url& url : list->urls) {
    if (!url.secure) throw UsageError(reason + ", unlike " + url.text());
  }
}

/// What passes without number have no end of, or would write over.
void refuse_with_passes(const Options& options) {
  const std::string passes = "--pass-per-line and ";
  refuse_both(true, !options.faults.empty(), passes + "--fault", "each line names the faults");
  refuse_both(true, !options.google.out.empty(), passes + "--benchmark_out",
              "it would keep the last pass alone; read standard output");
  refuse_both(true, !options.trace.empty(), passes + "--trace", "it would grow with each pass");
}

void combine(Given given, Options& options) {
  const bool urls = given.urls.has_value();
  const bool origin = given.origin.has_value();
  options.study_only = !given.study.empty() && switch_value("--study", given.study);
  options.efficiency = given.efficiency.empty() || switch_value("--efficiency", given.efficiency);
  refuse_both(urls, origin, "--urls and --origin", "both say where to fetch from");
  refuse_both(urls, given.secure.has_value(), "--urls and --scheme", "each URL has its scheme");
  refuse_both(urls, given.latency_scale.has_value(), "--urls and --latency-scale",
              "real servers have latencies of their own");
  refuse_both(urls, options.latency.has_value(), "--urls and --latency",
              "real servers have latencies of their own");
  refuse_both(options.latency.has_value(), given.latency_scale.has_value(),
              "--latency and --latency-scale", "one latency for all leaves nothing to multiply");
  refuse_both(options.study_only, options.scales, "--study and --jobs",
              "the study's cases have their numbers of jobs");
  refuse_both(!options.trace.empty(), options.scales, "--trace and --jobs",
              "nothing shows thousands of jobs");
  refuse_both(origin, given.secure.has_value(), "--origin and --scheme",
              "the origin's URL has the scheme");
  refuse_both(options.study_only, !options.workers.empty(), "--study and --workers",
              "the study's cases have their numbers of workers");
  refuse_both(options.study_only, options.models.kind != Selection::Kind::standard,
              "--study and --models", "the study's cases have their models");
  refuse_both(options.study_only, options.workloads.kind != Selection::Kind::standard,
              "--study and --workloads", "the study's cases have their workloads");
  refuse_both(urls, !options.faults.empty(), "--urls and --fault",
              "only an origin of this project misbehaves on request");
  options.pass_per_line =
      !given.pass_per_line.empty() && switch_value("--pass-per-line", given.pass_per_line);
  refuse_both(urls, options.pass_per_line, "--urls and --pass-per-line",
              "only an origin of this project misbehaves on request");
  if (options.pass_per_line) refuse_with_passes(options);
  if (given.faulty_workloads && options.faults.empty() && !options.pass_per_line) {
    throw UsageError("--fault-in: needs --fault, what is to go wrong there");
  }
  static_cast<void>(select_workloads(options.faulty_workloads, "--fault-in"));
  if (origin && given.origin->secure && options.ca_pem.empty()) {
    throw UsageError("--origin: an https origin needs --ca FILE, the authority it made for itself");
  }
  if (!origin && !urls && !options.ca_pem.empty()) {
    throw UsageError("--ca: needs --origin or --urls, the suite's own origin is trusted already");
  }
  if (given.latency_scale) options.latency_scale = *given.latency_scale;
  if (urls) {
    options.source = std::move(*given.urls);
  } else if (origin) {
    options.source = ExternalOrigin{.url = std::move(*given.origin)};
  } else {
    options.source = EmbeddedOrigin{.secure = given.secure.value_or(true)};
  }
  if (!fetches_securely(options.source)) refuse_tls_faults(options.faults, "--fault");
  if (options.connection == ConnectionMode::resumed) refuse_plain_http(options.source);
}

}  // namespace

std::vector<OriginFault> faults_in(const std::string& line, const std::string& source,
                                   const Options& options) {
  if (line.empty()) return {};
  try {
    std::vector<OriginFault> faults = parse_faults(line);
    if (!fetches_securely(options.source)) refuse_tls_faults(faults, source);
    return faults;
  } catch (const std::invalid_argument& error) {
    throw UsageError(bad_value(source, line, error.what()));
  }
}

std::variant<Options, Help> parse_options(int argc, const char* const* argv) {
  Options options;
  Given given;
  CLI::App app("Runs the same workloads under each concurrency model and tells what that costs.",
               "bench");
  app.footer(examples);
  add_source_options(app, given, options);
  add_work_options(app, given, options);
  for (CLI::Option* option : app.get_options()) {
    if (option != app.get_help_ptr()) option->group(suite_group);
  }
  GoogleOptionParser google(app, options.google);
  try {
    parse_command_line(app, argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Help{app.help()};
  }
  google.finish();
  combine(std::move(given), options);
  return options;
}

}  // namespace concurrency_models::bench
