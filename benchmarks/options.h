#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "concurrency_models/connection_mode.h"
#include "concurrency_models/disk_files.h"
#include "concurrency_models/job_run.h"
#include "concurrency_models/origin_fault.h"
#include "concurrency_models/standard_workloads.h"
#include "concurrency_models/url.h"
#include "google_options.h"
#include "selection.h"

namespace concurrency_models::bench {

/// Fetch from an origin that this program starts and ends.
struct EmbeddedOrigin {
  bool secure = true;
};

/// Fetch from an origin of ours that runs elsewhere.
struct ExternalOrigin {
  Url url;
};

/// Fetch real URLs.
struct UrlList {
  std::string file;
  std::vector<Url> urls;
};

/// Everything the command line says, checked.
struct Options {
  std::variant<EmbeddedOrigin, ExternalOrigin, UrlList> source;
  std::string ca_pem;  ///< empty: the embedded origin's own, or the system's authorities
  double latency_scale = 1;
  std::optional<std::chrono::microseconds> latency;  ///< of all hosts alike
  std::optional<std::size_t> fetches;
  FibonacciRange fibonacci;
  DiskFiles::Options files;
  std::vector<unsigned> workers;     ///< empty: the default sweep
  std::size_t in_flight = all_jobs;  ///< on each event loop
  std::chrono::nanoseconds deadline = std::chrono::seconds(30);
  ConnectionMode connection = ConnectionMode::fresh;
  Selection models;
  Selection workloads;
  std::vector<OriginFault> faults;  ///< of the first hosts of an origin, one each
  /// Whose hosts have the faults.
  Selection faulty_workloads{.kind = Selection::Kind::all, .names = {}};
  bool scales = false;         ///< cases once more for numbers of jobs
  std::vector<unsigned> jobs;  ///< those; empty: decades
  bool study_only = false;
  bool efficiency = true;  ///< calibrate, for ideal_s and efficiency
  /// All cases once for each line of standard input, with the faults that it names: faults_in.
  bool pass_per_line = false;
  std::filesystem::path trace;  ///< empty: none
  GoogleOptions google;
};

/// Those that a line of standard input names, as --fault does; none if it is empty. Throws
/// UsageError that names `source`, and the same for what the options' origin cannot do.
[[nodiscard]] std::vector<OriginFault> faults_in(const std::string& line, const std::string& source,
                                                 const Options& options);

/// The text for --help.
struct Help {
  std::string text;
};

/// Reads files that options name, and nothing else of the world outside but BENCHMARK_* variables.
/// Throws UsageError.
[[nodiscard]] std::variant<Options, Help> parse_options(int argc, const char* const* argv);

}  // namespace concurrency_models::bench
