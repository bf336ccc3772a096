#include "support/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string_view>
#include <system_error>

extern char** environ;  // NOLINT: POSIX wants it declared

namespace concurrency_models {
namespace {

constexpr std::chrono::minutes patience(10);

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  return {.read_end = ends[0], .write_end = ends[1]};
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable = *each;
    if (variable.starts_with("BENCHMARK_")) continue;
    if (!added.contains(std::string(variable.substr(0, variable.find('='))))) {
      all.emplace_back(variable);
    }
  }
  for (const auto& [name, value] : added) all.emplace_back(name).append("=").append(value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

pid_t start(std::vector<std::string> command, std::vector<std::string> environment, int out,
            int err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, command.front().c_str(), &actions, nullptr,
                                  pointers_to(command).data(), pointers_to(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), command.front());
  return pid;
}

/// False at the end of the file.
bool read_some(int file, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t count = ::read(file, buffer.data(), buffer.size());
  if (count < 0 && errno == EINTR) return true;
  if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

}  // namespace

ProgramResult run_program(const std::vector<std::string>& command, const ProgramOptions& options) {
  const Pipe out = make_pipe();
  const Pipe err = make_pipe();
  const pid_t pid =
      start(command, environment_with(options.environment), out.write_end, err.write_end);
  ::close(out.write_end);
  ::close(err.write_end);

  ProgramResult result;
  std::array<pollfd, 2> waiting = {{{.fd = out.read_end, .events = POLLIN, .revents = 0},
                                    {.fd = err.read_end, .events = POLLIN, .revents = 0}}};
  const auto end = std::chrono::steady_clock::now() + patience;
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      ::kill(pid, SIGKILL);
      break;
    }
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) < 0) continue;
    if (waiting[0].revents != 0) {
      if (!read_some(out.read_end, result.out)) waiting[0].fd = -1;
      if (options.on_output) options.on_output(pid, result.out);
    }
    if (waiting[1].revents != 0 && !read_some(err.read_end, result.err)) waiting[1].fd = -1;
  }
  ::close(out.read_end);
  ::close(err.read_end);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  constexpr int signal_base = 128;
  result.status = WIFSIGNALED(status) ? signal_base + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

ProgramResult run_bench(const std::vector<std::string>& arguments, const ProgramOptions& options) {
  std::vector<std::string> command = {CONCURRENCY_MODELS_BENCH};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command, options);
}

}  // namespace concurrency_models
