#include "support/leftovers.h"

#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "platform/platform.h"
#include "support/comes_true.h"
#include "support/sanitizers.h"

namespace concurrency_models {
namespace {

std::size_t entries(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

#if defined(__linux__)

const char* const descriptor_folder = "/proc/self/fd";

/// The parent in a line of /proc/PID/stat: "PID (name) state parent …"; the name may hold anything.
pid_t parent_in(const std::string& stat) {
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 > stat.size()) return -1;
  return static_cast<pid_t>(std::strtol(stat.c_str() + name_end + 4, nullptr, 10));
}

std::size_t count_children() {
  std::size_t children = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (!std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); })) {
      continue;
    }
    std::ifstream in(entry.path() / "stat");
    std::string stat;
    if (std::getline(in, stat) && parent_in(stat) == ::getpid()) ++children;
  }
  return children;
}

#else

const char* const descriptor_folder = "/dev/fd";

std::size_t count_children() {
  const std::string command = "ps -axo ppid= | grep -c '^ *" + std::to_string(::getpid()) + "$'";
  FILE* const ps = ::popen(command.c_str(), "r");
  unsigned long children = 0;
  if (ps == nullptr || std::fscanf(ps, "%lu", &children) != 1) children = 0;
  if (ps != nullptr) ::pclose(ps);
  return children;
}

#endif

}  // namespace

std::ostream& operator<<(std::ostream& out, const Leftovers& leftovers) {
  return out << leftovers.children << " children, " << leftovers.descriptors << " descriptors, "
             << leftovers.threads << " threads";
}

Leftovers count_leftovers() {
  return {.children = count_children(),
          .descriptors = entries(descriptor_folder),
          // The tests compare nothing with nothing where it is not known.
          .threads = platform::thread_count().value_or(0)};
}

std::optional<std::size_t> heap_in_use() {
#if defined(__GLIBC__)
  if (address_sanitizer || thread_sanitizer) return std::nullopt;
  const auto heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
#else
  return std::nullopt;
#endif
}

Leftovers count_leftovers_since(const Leftovers& before) {
  Leftovers now;
  static_cast<void>(comes_true([&] {
    now = count_leftovers();
    return now == before;
  }));
  return now;
}

}  // namespace concurrency_models
