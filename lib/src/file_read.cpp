#include "concurrency_models/file_read.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <vector>

#include "file_check.h"
#include "file_descriptor.h"

namespace concurrency_models {
namespace {

/// What a system call returned, and errno, which hooks called after it may change.
struct Returned {
  ssize_t value;
  int error;
};

template <class Call>
Returned call(ThreadHooks* hooks, Call system_call) {
  if (hooks != nullptr) hooks->before_blocking();
  Returned returned{.value = 0, .error = 0};
  do {
    returned.value = system_call();
    returned.error = errno;
  } while (returned.value < 0 && returned.error == EINTR);
  if (hooks != nullptr) hooks->after_blocking();
  return returned;
}

}  // namespace

FileResult read_file(const FileRead& file, ThreadHooks* hooks) {
  FileCheck check(file);
  const Returned opened =
      call(hooks, [&file] { return ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC); });
  const FileDescriptor descriptor(static_cast<int>(opened.value));
  if (opened.value < 0) {
    check.fail(Stage::open, {opened.error, boost::system::system_category()});
    return check.result();
  }
  std::vector<char> buffer;
  try {
    buffer.resize(file_read_size);
  } catch (const std::bad_alloc&) {
    check.fail(Stage::read, {ENOMEM, boost::system::system_category()});
    return check.result();
  }
  while (true) {
    const Returned got =
        call(hooks, [&] { return ::read(descriptor.get(), buffer.data(), buffer.size()); });
    if (got.value < 0) {
      check.fail(Stage::read, {got.error, boost::system::system_category()});
      break;
    }
    if (!check.take({buffer.data(), static_cast<std::size_t>(got.value)})) break;
  }
  return check.result();
}

}  // namespace concurrency_models
