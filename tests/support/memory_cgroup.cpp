#include "support/memory_cgroup.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "file_descriptor.h"
#include "support/comes_true.h"

namespace concurrency_models {
namespace {

struct Hierarchy {
  std::filesystem::path mount;
  bool v2 = false;
};

/// Where the memory controller is: a hierarchy of its own, or the common one of cgroup v2.
Hierarchy find_memory_hierarchy() {
  std::ifstream mounts("/proc/mounts");
  for (std::string line; std::getline(mounts, line);) {
    std::istringstream fields(line);
    std::string device;
    std::string point;
    std::string type;
    std::string options;
    fields >> device >> point >> type >> options;
    if (type == "cgroup" && (',' + options + ',').find(",memory,") != std::string::npos) {
      return {.mount = point, .v2 = false};
    }
    if (type != "cgroup2") continue;
    std::ifstream controllers(point + "/cgroup.controllers");
    for (std::string name; controllers >> name;) {
      if (name == "memory") return {.mount = point, .v2 = true};
    }
  }
  throw std::runtime_error("no control groups for memory are mounted");
}

void set(const std::filesystem::path& file, const std::string& value) {
  std::ofstream out(file);
  out << value << std::flush;
  if (!out) throw std::runtime_error(file.string() + " cannot be set to " + value);
}

}  // namespace

MemoryCgroup::MemoryCgroup(std::uint64_t bytes) {
  const Hierarchy hierarchy = find_memory_hierarchy();
  if (hierarchy.v2) set(hierarchy.mount / "cgroup.subtree_control", "+memory");
  folder_ = hierarchy.mount / ("concurrency_models." + std::to_string(::getpid()));
  std::error_code error;
  if (!std::filesystem::create_directory(folder_, error)) {
    throw std::runtime_error(folder_.string() + " cannot be made: " + error.message());
  }
  try {
    const std::string limit = std::to_string(bytes);
    set(folder_ / (hierarchy.v2 ? "memory.max" : "memory.limit_in_bytes"), limit);
    // Else it would be swapped out, where there is room for that.
    const auto swap = folder_ / (hierarchy.v2 ? "memory.swap.max" : "memory.memsw.limit_in_bytes");
    if (std::filesystem::exists(swap)) set(swap, hierarchy.v2 ? "0" : limit);
  } catch (...) {
    std::filesystem::remove(folder_, error);
    throw;
  }
  members_ = folder_ / "cgroup.procs";
}

MemoryCgroup::~MemoryCgroup() {
  // Who was in it is gone from it a moment after it was reaped.
  static_cast<void>(comes_true([this] {
    std::error_code error;
    return std::filesystem::remove(folder_, error);
  }));
}

bool MemoryCgroup::enter() const {
  const FileDescriptor members(::open(members_.c_str(), O_WRONLY | O_CLOEXEC));
  return members.get() >= 0 && ::write(members.get(), "0", 1) == 1;
}

}  // namespace concurrency_models
