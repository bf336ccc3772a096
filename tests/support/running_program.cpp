#include "support/running_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>

extern char** environ;  // NOLINT: POSIX wants it declared

namespace concurrency_models {
namespace {

/// How long a program may say nothing: it may have much to do, but ctest must not give up first.
constexpr std::chrono::minutes patience(4);

std::vector<std::string> environment_with(const AddedEnvironment& added) {
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

/// With these descriptors for its standard streams; -1 for an input that is /dev/null.
pid_t start(std::vector<std::string> command, std::vector<std::string> environment, int in, int out,
            int err) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (in < 0) {
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  } else {
    ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  }
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, command.front().c_str(), &actions, nullptr,
                                   pointers_to(command).data(), pointers_to(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), command.front());
  return pid;
}

/// Appends what there is; false at the end.
bool read_more(int fd, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) return false;
  text.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

/// Returns once one of them has something to read, or has ended.
template <std::size_t size>
void wait_for_any(std::array<pollfd, size>& wanted) {
  constexpr auto limit = std::chrono::milliseconds(patience);
  if (::poll(wanted.data(), wanted.size(), static_cast<int>(limit.count())) == 0) {
    throw std::runtime_error("a program neither says anything nor ends");
  }
}

}  // namespace

RunningProgram::RunningProgram(std::vector<std::string> command,
                               const AddedEnvironment& environment, ProgramInput input) {
  Pipe in = input == ProgramInput::pipe ? make_pipe() : Pipe{};
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  pid_ = start(std::move(command), environment_with(environment), in.read.get(), out.write.get(),
               err.write.get());
  input_ = std::move(in.write);
  output_ = std::move(out.read);
  errors_ = std::move(err.read);
}

RunningProgram::~RunningProgram() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string RunningProgram::read_until(std::string_view mark) {
  while (true) {
    if (const auto found = unread_.find(mark); found != std::string::npos) {
      std::string text = unread_.substr(0, found + mark.size());
      unread_.erase(0, text.size());
      return text;
    }
    std::array<pollfd, 1> wanted = {{{.fd = output_.get(), .events = POLLIN, .revents = 0}}};
    wait_for_any(wanted);
    if (!read_more(output_.get(), unread_)) {
      throw std::runtime_error("a program ended before it said \"" + std::string(mark) + '"');
    }
  }
}

void RunningProgram::send_input(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(input_.get(), text.data(), text.size());
    if (written < 0) throw std::system_error(errno, std::generic_category(), "write");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void RunningProgram::send_signal(int number) const { ::kill(pid_, number); }

ProgramResult RunningProgram::finish() {
  ProgramResult result;
  result.out = std::exchange(unread_, {});
  // Its streams end with it, whereas waiting for the process has no time limit.
  while (output_.get() >= 0 || errors_.get() >= 0) {
    std::array<pollfd, 2> wanted = {{{.fd = output_.get(), .events = POLLIN, .revents = 0},
                                     {.fd = errors_.get(), .events = POLLIN, .revents = 0}}};
    wait_for_any(wanted);
    if (wanted[0].revents != 0 && !read_more(output_.get(), result.out)) output_.close();
    if (wanted[1].revents != 0 && !read_more(errors_.get(), result.err)) errors_.close();
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  constexpr int signal_base = 128;
  result.status = WIFSIGNALED(status) ? signal_base + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace concurrency_models
