#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cli_forward.h"

namespace concurrency_models::bench {

enum class Format { console, json, csv };

/// What the command line and the BENCHMARK_* variables say to Google Benchmark.
struct GoogleOptions {
  std::string filter;
  bool list_tests = false;
  Format format = Format::console;
  std::filesystem::path out;  ///< empty: none
  Format out_format = Format::json;
  std::map<std::string, std::string> context;
  std::vector<std::string> perf_counters;
  /// The rest, checked, as the library's own flags: "--benchmark_repetitions=5".
  std::vector<std::string> flags;
};

/// Declares Google Benchmark's options. Its own parser takes none but --name=value, prints a help
/// of its own, exits or aborts on some bad values and swallows others; here they are options like
/// any.
class GoogleOptionParser {
 public:
  /// `options` must outlive the parser's use.
  GoogleOptionParser(CLI::App& app, GoogleOptions& options);

  /// What switches say; to be called when `app` has parsed. Throws UsageError.
  void finish();

 private:
  struct Switch {
    std::string name;
    std::string text;
  };
  void add_values(CLI::App& app);
  void add_switches(CLI::App& app);

  GoogleOptions& options_;
  std::vector<Switch> switches_;
};

}  // namespace concurrency_models::bench
