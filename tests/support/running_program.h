#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "file_descriptor.h"
#include "support/run_program.h"

namespace concurrency_models {

/// A program under way, its standard streams in the test's hands. For one that just runs to its end
/// there is run_program.
///
/// Killed and reaped with this object, if it still runs then.
class RunningProgram {
 public:
  /// In `folder` if that is not empty. A program without a slash in its name is looked for in
  /// PATH; one that cannot be started ends with status 127.
  explicit RunningProgram(std::vector<std::string> argv, const std::filesystem::path& folder = {});
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  RunningProgram(RunningProgram&&) = delete;
  RunningProgram& operator=(RunningProgram&&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Standard output up to and including `mark`; throws std::runtime_error if it ends before that.
  [[nodiscard]] std::string read_until(std::string_view mark);
  void close_input() { input_.close(); }
  void send_signal(int number) const;

  /// Waits for the program's end. Throws std::runtime_error if it does not end.
  [[nodiscard]] ProgramResult finish();

 private:
  pid_t pid_ = -1;
  FileDescriptor input_;
  FileDescriptor output_;
  FileDescriptor errors_;
  std::string unread_;
};

}  // namespace concurrency_models
