#include "concurrency_models/disk_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "concurrency_models/origin_protocol.h"
#include "file_descriptor.h"
#include "platform/platform.h"

namespace concurrency_models {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "concurrency_models_files.";

[[noreturn]] void refuse(const fs::path& path, const std::string& what, int error) {
  throw std::runtime_error("cannot " + what + ' ' + path.string() + ": " +
                           std::generic_category().message(error));
}

/// A lock on a directory of this user's that goes with the descriptor; none if somebody else has
/// it, or the directory is gone.
FileDescriptor try_lock(const fs::path& directory) {
  FileDescriptor descriptor(
      ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (descriptor.get() < 0 || ::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0 ||
      ::fstat(descriptor.get(), &status) != 0 || status.st_uid != ::geteuid() ||
      status.st_nlink == 0) {
    descriptor.close();
  }
  return descriptor;
}

struct LockedDirectory {
  fs::path path;
  FileDescriptor lock;
};

/// A new directory. Another process that is just cleaning up may take one that is not locked yet
/// for abandoned; then there will be another.
LockedDirectory make_directory(const fs::path& parent) {
  constexpr int attempts = 10;
  int error = 0;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    std::string name = parent / (std::string(prefix) + "XXXXXX");
    if (::mkdtemp(name.data()) == nullptr) refuse(parent, "make a directory in", errno);
    FileDescriptor lock = try_lock(name);
    error = errno;
    if (lock.get() >= 0) return {.path = name, .lock = std::move(lock)};
    ::rmdir(name.c_str());
  }
  refuse(parent, "lock a directory in", error);
}

void remove_abandoned(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    if (!entry.path().filename().string().starts_with(prefix)) continue;
    const FileDescriptor lock = try_lock(entry.path());
    if (lock.get() >= 0) fs::remove_all(entry.path(), ignored);
  }
}

fs::path default_parent() {
  const fs::path on_disk = "/var/tmp";
  return ::access(on_disk.c_str(), W_OK) == 0 ? on_disk : fs::temp_directory_path();
}

/// The pattern, as often as it takes.
std::string content(std::uint64_t bytes) {
  const std::string_view pattern = origin_pattern();
  std::string text;
  text.reserve(bytes + pattern.size());
  while (text.size() < bytes) text += pattern;
  text.resize(bytes);
  return text;
}

void write_file(const fs::path& path, std::string_view text) {
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.get() < 0) refuse(path, "make", errno);
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) refuse(path, "write", errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  // What is not yet on the disk cannot be dropped from the cache.
  if (::fsync(file.get()) != 0) refuse(path, "write", errno);
}

}  // namespace

DiskFiles::DiskFiles(const Options& options) {
  const fs::path parent = options.directory.empty() ? default_parent() : options.directory;
  remove_abandoned(parent);
  LockedDirectory made = make_directory(parent);
  directory_ = std::move(made.path);
  lock_ = made.lock.release();
  try {
    write_all(options);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
    ::close(lock_);
    throw;
  }
}

DiskFiles::~DiskFiles() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
  ::close(lock_);
}

void DiskFiles::write_all(const Options& options) {
  const std::string text = content(options.bytes);
  for (std::size_t number = 0; number < options.count; ++number) {
    const fs::path path = directory_ / std::to_string(number);
    write_file(path, text);
    reads_.push_back({.path = path, .bytes = options.bytes});
  }
}

bool DiskFiles::drop_from_page_cache() const {
  return std::all_of(reads_.begin(), reads_.end(), [](const FileRead& file) {
    const FileDescriptor descriptor(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
    return descriptor.get() >= 0 && platform::drop_from_page_cache(descriptor.get(), file.bytes);
  });
}

}  // namespace concurrency_models
