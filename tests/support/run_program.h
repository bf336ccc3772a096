#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace concurrency_models {

/// What came of a program that was run to its end.
struct ProgramResult {
  int status = 0;  ///< exit status, or 128 and the signal that ended it, as a shell says it
  std::string out;
  std::string err;
};

struct ProgramOptions {
  /// Variables to add to this process's environment, from which all BENCHMARK_* are taken away.
  std::map<std::string, std::string> environment;
  /// Called whenever more has come on standard output, with all that has come so far.
  std::function<void(pid_t, const std::string& out)> on_output;
};

/// Runs a program and returns when it has ended and nobody holds its output any more, its children
/// included. One that takes ten minutes is killed: no test waits for ever.
[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& command,
                                        const ProgramOptions& options = {});

/// run_program of bench with these arguments.
[[nodiscard]] ProgramResult run_bench(const std::vector<std::string>& arguments,
                                      const ProgramOptions& options = {});

}  // namespace concurrency_models
