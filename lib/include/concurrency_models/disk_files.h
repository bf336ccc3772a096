#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "concurrency_models/file_read.h"

namespace concurrency_models {

/// Files to read from, for the disk workload, in a directory of their own that goes with this
/// object. What an earlier process left, because it was killed, goes as well.
class DiskFiles {
 public:
  struct Options {
    /// Where to make the directory; empty: /var/tmp, or where temporary files go if there is none.
    std::filesystem::path directory;
    std::size_t count = 64;
    std::uint64_t bytes = std::uint64_t{1} << 20;  ///< of each
  };

  /// Writes them, down to the disk. Throws std::runtime_error that names the file and says why it
  /// cannot be made, and leaves nothing behind.
  explicit DiskFiles(const Options& options);
  ~DiskFiles();
  DiskFiles(const DiskFiles&) = delete;
  DiskFiles& operator=(const DiskFiles&) = delete;
  DiskFiles(DiskFiles&&) = delete;
  DiskFiles& operator=(DiskFiles&&) = delete;

  [[nodiscard]] const std::vector<FileRead>& reads() const { return reads_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// Makes the next read of each come from the disk. False: the system has no way to do that, or
  /// the file system lives in memory.
  [[nodiscard]] bool drop_from_page_cache() const;

 private:
  void write_all(const Options& options);

  std::filesystem::path directory_;
  int lock_ = -1;  ///< on the directory: tells others that it is in use
  std::vector<FileRead> reads_;
};

}  // namespace concurrency_models
