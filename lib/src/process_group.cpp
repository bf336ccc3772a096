#include "concurrency_models/process_group.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "concurrency_models/children_memory.h"
#include "leave_child.h"
#include "platform/platform.h"

namespace concurrency_models {
namespace {

void refuse_other_threads() {
  const auto threads = platform::thread_count();
  if (threads && *threads > 1) {
    throw std::logic_error("cannot fork workers while " + std::to_string(*threads - 1) +
                           " other thread(s) of this process run: a fork takes none of them along, "
                           "but every lock they hold");
  }
}

void restore_default_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Set in children only.
pid_t parent_of_this = 0;

[[noreturn]] void live_as_child(const std::function<void(unsigned)>& body,
                                unsigned number) noexcept {
  restore_default_signals();
  platform::end_with_parent(parent_of_this);
  int status = EXIT_SUCCESS;
  try {
    body(number);
    ChildrenMemory::add_this_process();
  } catch (const std::exception&) {
    status = EXIT_FAILURE;  // the parent sees it, and which job was under way
  }
  leave_child(status);
}

}  // namespace

ProcessGroup::~ProcessGroup() {
  for (const pid_t child : children_) {
    if (child == 0) continue;
    ::kill(child, SIGKILL);
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

void ProcessGroup::start(const std::function<void(unsigned)>& body) {
  const auto number = static_cast<unsigned>(children_.size());
  if (number == 0) {
    refuse_other_threads();
    // What is buffered must not be there twice.
    std::cout.flush();
    std::fflush(nullptr);
  }
  const pid_t parent = ::getpid();
  children_.push_back(0);
  const pid_t child = ::fork();
  if (child < 0) {
    const int error = errno;
    children_.pop_back();
    throw std::system_error(error, std::generic_category(), "cannot fork a worker process");
  }
  if (child == 0) {
    parent_of_this = parent;
    live_as_child(body, number);
  }
  children_.back() = child;
}

bool ProcessGroup::parent_is_gone() { return parent_of_this != 0 && ::getppid() != parent_of_this; }

int ProcessGroup::wait(unsigned number) {
  pid_t& child = children_.at(number);
  int status = 0;
  ::rusage used{};
  while (::wait4(child, &status, 0, &used) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "wait4");
  }
  child = 0;
  usage_ += to_resource_usage(used);
  return status;
}

}  // namespace concurrency_models
