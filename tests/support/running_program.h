#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "file_descriptor.h"

namespace concurrency_models {

/// What came of a program that was run to its end.
struct ProgramResult {
  int status = 0;  ///< exit status, or 128 and the signal that ended it, as a shell says it
  std::string out;
  std::string err;
};

/// Variables to add to this process's environment, from which all BENCHMARK_* are taken away.
using AddedEnvironment = std::map<std::string, std::string>;

/// What a program has for standard input.
enum class ProgramInput {
  pipe,     ///< one that ends when the test closes it, or is gone
  nothing,  ///< /dev/null
};

/// A program under way, its standard streams in the test's hands. For one that just runs to its end
/// there is run_program.
///
/// Killed and reaped with this object, if it still runs then.
class RunningProgram {
 public:
  /// A program without a slash in its name is looked for in PATH. Throws std::system_error if it
  /// cannot be started.
  explicit RunningProgram(std::vector<std::string> command,
                          const AddedEnvironment& environment = {},
                          ProgramInput input = ProgramInput::pipe);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  RunningProgram(RunningProgram&&) = delete;
  RunningProgram& operator=(RunningProgram&&) = delete;

  /// Standard output up to and including `mark`; throws std::runtime_error if it ends before that.
  [[nodiscard]] std::string read_until(std::string_view mark);
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Throws std::system_error if the program does not take it.
  void send_input(std::string_view text) const;
  void close_input() { input_.close(); }
  void send_signal(int number) const;

  /// Waits until the program has ended and nobody holds its output any more, its children included.
  /// The result's output is what was not read before. Throws std::runtime_error if it does not end.
  [[nodiscard]] ProgramResult finish();

 private:
  pid_t pid_ = -1;
  FileDescriptor input_;
  FileDescriptor output_;
  FileDescriptor errors_;
  std::string unread_;
};

}  // namespace concurrency_models
