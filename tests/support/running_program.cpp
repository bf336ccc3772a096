#include "support/running_program.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "support/test_stream.h"

namespace concurrency_models {
namespace {

constexpr int cannot_start = 127;

/// Appends what there is; false at the end.
bool read_more(int fd, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got < 0 && errno == EINTR) return true;
  if (got <= 0) return false;
  text.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

[[noreturn]] void become(const std::vector<char*>& argv, const char* folder, int in, int out,
                         int err) {
  const bool ready = ::dup2(in, STDIN_FILENO) >= 0 && ::dup2(out, STDOUT_FILENO) >= 0 &&
                     ::dup2(err, STDERR_FILENO) >= 0 && (*folder == '\0' || ::chdir(folder) == 0);
  if (ready) ::execvp(argv.front(), argv.data());
  ::_exit(cannot_start);
}

}  // namespace

RunningProgram::RunningProgram(std::vector<std::string> argv, const std::filesystem::path& folder) {
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 1);
  for (std::string& argument : argv) pointers.push_back(argument.data());
  pointers.push_back(nullptr);

  Pipe in = make_pipe();
  Pipe out = make_pipe();
  Pipe err = make_pipe();
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    become(pointers, folder.c_str(), in.read.get(), out.write.get(), err.write.get());
  }
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
    pollfd wanted{.fd = output_.get(), .events = POLLIN, .revents = 0};
    constexpr auto limit = std::chrono::milliseconds(watchdog);
    if (::poll(&wanted, 1, static_cast<int>(limit.count())) == 0) {
      throw std::runtime_error("a program said nothing");
    }
    if (!read_more(output_.get(), unread_)) {
      throw std::runtime_error("a program ended before it said \"" + std::string(mark) + '"');
    }
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
    constexpr auto limit = std::chrono::milliseconds(watchdog);
    if (::poll(wanted.data(), wanted.size(), static_cast<int>(limit.count())) == 0) {
      throw std::runtime_error("a program did not end");
    }
    if (wanted[0].revents != 0 && !read_more(output_.get(), result.out)) output_.close();
    if (wanted[1].revents != 0 && !read_more(errors_.get(), result.err)) errors_.close();
  }
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  result.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result;
}

}  // namespace concurrency_models
