#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace concurrency_models {

/// A control group whose processes may have so much memory between them; when they want more, the
/// kernel's out-of-memory killer ends one. Gone with this object, which must outlive them.
class MemoryCgroup {
 public:
  /// Throws std::runtime_error that says why there can be none: no such kernel, no permission.
  explicit MemoryCgroup(std::uint64_t bytes);
  ~MemoryCgroup();
  MemoryCgroup(const MemoryCgroup&) = delete;
  MemoryCgroup& operator=(const MemoryCgroup&) = delete;
  MemoryCgroup(MemoryCgroup&&) = delete;
  MemoryCgroup& operator=(MemoryCgroup&&) = delete;

  /// Moves the calling process into it. Calls nothing but what POSIX allows in signal handlers.
  /// False: it could not.
  [[nodiscard]] bool enter() const;

 private:
  std::filesystem::path folder_;
  std::string members_;  ///< the file that takes in who writes to it
};

}  // namespace concurrency_models
