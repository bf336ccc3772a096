#include "concurrency_models/origin_process.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "file_descriptor.h"
#include "platform/platform.h"

// NOLINTNEXTLINE(readability-redundant-declaration): POSIX wants it declared, some do so themselves
extern char** environ;

namespace concurrency_models {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto start_limit = std::chrono::seconds(20);
constexpr auto leave_limit = std::chrono::seconds(5);

constexpr const char* run_by_hand = "run it by hand to see why";
constexpr const char* says_why = "it says why on standard error, or run it by hand to see";

[[noreturn]] void refuse(const std::filesystem::path& program, const std::string& reason,
                         const std::string& what_to_do) {
  throw std::runtime_error("cannot start the origin " + program.string() + ": " + reason + "; " +
                           what_to_do);
}

/// What a new process is made with, freed in any case.
class SpawnActions {
 public:
  SpawnActions() {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawnattr_init(&attributes_);
  }
  ~SpawnActions() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&files_);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  SpawnActions(SpawnActions&&) = delete;
  SpawnActions& operator=(SpawnActions&&) = delete;

  void use_as(int fd, int number) { ::posix_spawn_file_actions_adddup2(&files_, fd, number); }

  /// A terminal's Ctrl-C must not take the origin from under a run that still wants to end well.
  void leave_process_group() {
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP);
  }

  [[nodiscard]] posix_spawn_file_actions_t* files() { return &files_; }
  [[nodiscard]] posix_spawnattr_t* attributes() { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

/// Everything up to the end of the certificate, which the origin says last.
std::string read_announcement(int fd, const std::filesystem::path& program) {
  constexpr std::string_view last_line = "-----END CERTIFICATE-----\n";
  const auto limit = Clock::now() + start_limit;
  std::string text;
  while (text.find(last_line) == std::string::npos) {
    pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit - Clock::now()).count();
    const int ready = left > 0 ? ::poll(&wanted, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) refuse(program, "it did not say that it is ready", run_by_hand);
    std::array<char, 4096> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) refuse(program, "it ended before it was ready", says_why);
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

/// What to do when the system does not start it.
const char* advice_on_spawn_error(int error) {
  switch (error) {
    case EAGAIN:
      return "allow more processes (ulimit -u, pids.max of the cgroup)";
    case ENOMEM:
      return "allow more memory (ulimit -v)";
    case EMFILE:
    case ENFILE:
      return "allow more open files (ulimit -Hn)";
    default:
      return "is it built and in its place?";
  }
}

void reap(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// True once the process has been reaped within the limit.
bool reap_within(pid_t pid, Clock::duration limit) {
  const auto deadline = Clock::now() + limit;
  while (true) {
    const pid_t reaped = ::waitpid(pid, nullptr, WNOHANG);
    if (reaped == pid || (reaped < 0 && errno != EINTR)) return true;
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

std::filesystem::path OriginProcess::default_program() {
  return platform::current_program().parent_path() / "origin";
}

OriginProcess::OriginProcess(const Options& options) {
  const std::filesystem::path program =
      options.program.empty() ? default_program() : options.program;
  Pipe control = make_pipe();
  Pipe announcement = make_pipe();
  SpawnActions actions;
  actions.use_as(control.read.get(), STDIN_FILENO);
  actions.use_as(announcement.write.get(), STDOUT_FILENO);
  actions.leave_process_group();

  std::vector<std::string> arguments = {program.string()};
  for (const std::string& name : options.host_names) {
    arguments.emplace_back("--host-name");
    arguments.push_back(name);
  }
  if (options.answer_timeout) {
    const std::chrono::duration<double> seconds = *options.answer_timeout;
    arguments.emplace_back("--answer-timeout");
    arguments.push_back(std::to_string(seconds.count()));
  }
  if (options.session_tickets) arguments.emplace_back("--session-tickets");
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  const int error = ::posix_spawn(&pid_, program.c_str(), actions.files(), actions.attributes(),
                                  argv.data(), environ);
  if (error != 0) {
    refuse(program, std::generic_category().message(error), advice_on_spawn_error(error));
  }
  if (!options.affinity.empty() && platform::set_affinity(pid_, options.affinity)) {
    affinity_ = platform::affinity(pid_);
  }

  announcement.write.close();
  try {
    std::istringstream said(read_announcement(announcement.read.get(), program));
    std::string https;
    std::string http;
    said >> https >> https_port_ >> http >> http_port_ >> std::ws;
    if (!said || https != "https_port" || http != "http_port") {
      refuse(program, "it is some other program", "put this project's origin there");
    }
    ca_pem_.assign(std::istreambuf_iterator<char>(said), {});
  } catch (...) {
    ::kill(pid_, SIGKILL);
    reap(pid_);
    throw;
  }
  control_ = control.write.release();
}

OriginProcess::~OriginProcess() {
  ::close(control_);
  if (reap_within(pid_, leave_limit)) return;
  ::kill(pid_, SIGKILL);
  reap(pid_);
}

std::optional<Seconds> OriginProcess::cpu_time() const { return platform::process_cpu_time(pid_); }

}  // namespace concurrency_models
