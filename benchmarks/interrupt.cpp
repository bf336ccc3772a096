#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>

namespace concurrency_models::bench {
namespace {

constexpr std::array<int, 4> signals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

// Read by the handler, on whatever thread it runs; written by the main thread alone.
std::atomic<const char*> completion{nullptr};
std::atomic<const std::vector<std::string>*> doomed{nullptr};
std::atomic<pid_t> reporting_process{0};
std::atomic<bool> holding{false};
std::atomic<int> waiting_signal{0};  ///< came while they were held
static_assert(std::atomic<int>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);
static_assert(std::atomic<const char*>::is_always_lock_free);
static_assert(std::atomic<const std::vector<std::string>*>::is_always_lock_free);
static_assert(std::atomic<pid_t>::is_always_lock_free);

void write_all(int file, const char* text) {
  std::size_t left = std::strlen(text);
  while (left > 0) {
    const ssize_t written = ::write(file, text, left);
    if (written < 0 && errno != EINTR) return;
    if (written > 0) {
      text += written;
      left -= static_cast<std::size_t>(written);
    }
  }
}

void remove_doomed() {
  const std::vector<std::string>* const paths = doomed.exchange(nullptr);
  if (paths == nullptr) return;
  for (const std::string& path : *paths) {
    if (::unlink(path.c_str()) != 0) ::rmdir(path.c_str());
  }
}

void end_by(int signal) {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  ::sigaction(signal, &standard, nullptr);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  ::raise(signal);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);  // blocked while its own handler runs
}

void end_without_completion(int /*alarm*/) { end_by(waiting_signal.load()); }

/// Whoever reads standard output may have stopped to; then what is open there stays so. Nobody must
/// have to kill this process for that.
void end_soon(int signal) {
  constexpr unsigned patience_s = 1;
  waiting_signal = signal;
  struct sigaction action = {};
  action.sa_handler = end_without_completion;
  ::sigaction(SIGALRM, &action, nullptr);
  ::alarm(patience_s);
}

/// Calls nothing but what POSIX allows in handlers. A forked worker has this process's handlers
/// too, until it resets them, and must not write in its parent's name.
void complete(const char* message) {
  if (::getpid() != reporting_process.load()) return;
  if (const char* const text = completion.exchange(nullptr)) write_all(STDOUT_FILENO, text);
  remove_doomed();
  write_all(STDERR_FILENO, message);
}

void complete_and_end(int signal) {
  if (::getpid() == reporting_process.load()) {
    end_soon(signal);
    if (holding.load()) return;
    complete("bench: interrupted; what was measured before is written\n");
  }
  end_by(signal);
}

std::terminate_handler former_terminate = nullptr;

/// Whether memory ran out where the language lets nobody catch it: in a destructor of Asio's, for
/// instance, when a coroutine that waits is given up.
bool ran_out_of_memory() {
  if (!std::current_exception()) return false;
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return true;
  } catch (...) {
    return false;
  }
}

[[noreturn]] void complete_and_terminate() {
  static std::atomic_flag under_way;
  if (ran_out_of_memory()) {
    // Other threads that end so wait for the first one to end all.
    while (under_way.test_and_set()) ::pause();
    complete(
        "bench: memory ran out in the middle of a case; what was measured before is written; allow "
        "more memory (ulimit -v), or ask for less work\n");
    ::_exit(EXIT_FAILURE);
  }
  if (former_terminate != nullptr) former_terminate();
  std::abort();
}

sigset_t handled_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  ::sigaction(signal, nullptr, &action);
  // Who started us may have chosen that we are not to be interrupted, as nohup does.
  if (action.sa_handler == SIG_IGN) return;
  action = {};
  action.sa_handler = handler;
  action.sa_mask = handled_signals();
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptHandler::InterruptHandler() {
  reporting_process = ::getpid();
  for (const int signal : signals) set_handler(signal, complete_and_end);
  // A file that grows beyond the limit for files is an error of writing it, not the end of all.
  ::signal(SIGXFSZ, SIG_IGN);
  former_terminate = std::set_terminate(complete_and_terminate);
}

InterruptHandler::~InterruptHandler() {
  std::set_terminate(former_terminate);
  for (const int signal : signals) set_handler(signal, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
  completion = nullptr;
}

InterruptsHeld::InterruptsHeld() { holding = true; }

InterruptsHeld::~InterruptsHeld() {
  holding = false;
  if (const int signal = waiting_signal.load()) ::raise(signal);
}

void complete_on_interrupt(const char* text) { completion = text; }

void remove_on_interrupt(const std::vector<std::string>* paths) { doomed = paths; }

}  // namespace concurrency_models::bench
