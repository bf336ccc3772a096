#pragma once

#include <poll.h>
#include <unistd.h>

#include <chrono>

#include "file_descriptor.h"
#include "support/test_stream.h"

namespace concurrency_models {

/// A pipe's read end ends when the last process that holds its write end does.
[[nodiscard]] inline bool ends_within_the_watchdog(const FileDescriptor& read_end) {
  constexpr auto limit = std::chrono::milliseconds(watchdog);
  pollfd wanted{.fd = read_end.get(), .events = POLLIN, .revents = 0};
  char byte = 0;
  return ::poll(&wanted, 1, static_cast<int>(limit.count())) == 1 &&
         ::read(read_end.get(), &byte, 1) == 0;
}

}  // namespace concurrency_models
