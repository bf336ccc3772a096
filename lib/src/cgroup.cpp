#include "concurrency_models/cgroup.h"

#include "platform/platform.h"

namespace concurrency_models {

std::optional<double> cgroup_cpu_quota(const std::filesystem::path& root) {
  return platform::cgroup_cpu_quota(root);
}

std::optional<std::int64_t> cgroup_processes_left(const std::filesystem::path& root) {
  return platform::cgroup_processes_left(root);
}

std::optional<std::int64_t> cgroup_memory_left_kb(const std::filesystem::path& root) {
  return platform::cgroup_memory_left_kb(root);
}

}  // namespace concurrency_models
