#pragma once

#include <string>
#include <vector>

namespace concurrency_models::bench {

/// While it lives, SIGINT, SIGTERM, SIGHUP and SIGQUIT complete what is open on standard output,
/// then end the process as they always do; after a second even if that cannot be completed, because
/// nobody reads it. Memory that runs out where no exception can leave does the same, with the exit
/// status 1. Not more than one at a time; made while no other thread runs.
class InterruptHandler {
 public:
  InterruptHandler();
  ~InterruptHandler();
  InterruptHandler(const InterruptHandler&) = delete;
  InterruptHandler& operator=(const InterruptHandler&) = delete;
  InterruptHandler(InterruptHandler&&) = delete;
  InterruptHandler& operator=(InterruptHandler&&) = delete;
};

/// Holds those signals off while it lives, so that what is written is written whole. For the thread
/// that makes it; other threads must not run meanwhile.
class InterruptsHeld {
 public:
  InterruptsHeld();
  ~InterruptsHeld();
  InterruptsHeld(const InterruptsHeld&) = delete;
  InterruptsHeld& operator=(const InterruptsHeld&) = delete;
  InterruptsHeld(InterruptsHeld&&) = delete;
  InterruptsHeld& operator=(InterruptsHeld&&) = delete;
};

/// The text that would complete standard output as it is now; null if nothing is open there. It
/// must stay valid until the next call.
void complete_on_interrupt(const char* text);

/// Files, and after those in it their directory, that must not stay behind; null: none. The list
/// must stay as it is until another call.
void remove_on_interrupt(const std::vector<std::string>* paths);

}  // namespace concurrency_models::bench
