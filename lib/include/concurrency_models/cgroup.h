#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

/// What the cgroups that this process belongs to leave it, of version 1 and 2: the tightest of its
/// own and of all above them. Nothing if there is no limit, or none to be had, as on all systems
/// but Linux. `root` stands in for the file system's root in tests.
namespace concurrency_models {

/// The CPU quota in cores (1.5 = one and a half).
[[nodiscard]] std::optional<double> cgroup_cpu_quota(const std::filesystem::path& root = "/");

/// How many more processes and threads there may be.
[[nodiscard]] std::optional<std::int64_t> cgroup_processes_left(
    const std::filesystem::path& root = "/");

/// How much more memory may be used, in KiB. Files that were not touched lately are room.
[[nodiscard]] std::optional<std::int64_t> cgroup_memory_left_kb(
    const std::filesystem::path& root = "/");

}  // namespace concurrency_models
