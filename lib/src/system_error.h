#pragma once

#include <boost/system/error_code.hpp>
#include <cerrno>

namespace concurrency_models {

/// What errno says of a system call that failed.
[[nodiscard]] inline boost::system::error_code last_system_error() {
  return {errno, boost::system::system_category()};
}

/// Whether it failed only because it would have had to wait.
[[nodiscard]] inline bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace concurrency_models
