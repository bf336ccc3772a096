#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>

#include "concurrency_models/job_error.h"
#include "concurrency_models/thread_hooks.h"

namespace concurrency_models {

/// One file to be read from its beginning to its end, which must hold so many bytes of the origin's
/// pattern (see origin_protocol.h). DiskFiles makes such files.
struct FileRead {
  std::string path;
  std::uint64_t bytes = 0;
};

/// What came of reading a file: its length, or why there is none.
struct FileResult {
  std::uint64_t bytes = 0;
  JobError error;
};

/// How much of a file is read at once, whoever waits for it.
inline constexpr std::size_t file_read_size = std::size_t{64} << 10;

/// Reads with blocking calls and tells `hooks`, if there are any, whenever it may block. Its
/// awaitable twin is async_read_file.
[[nodiscard]] FileResult read_file(const FileRead& file, ThreadHooks* hooks = nullptr);

/// Whether this build's event loop can await a file. To epoll and its like every file is always
/// ready, and reading it blocks all the same.
[[nodiscard]] bool can_await_files();

/// The same, suspending while the system reads. `file` must outlive it. Only if can_await_files().
[[nodiscard]] boost::asio::awaitable<FileResult> async_read_file(const FileRead& file);

}  // namespace concurrency_models
