// What the cgroups that this process belongs to leave it.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include "platform/platform.h"

namespace concurrency_models::platform {
namespace {

namespace fs = std::filesystem;

/// A file that begins with a number. Not those that say "max" or are not there.
std::optional<std::int64_t> number_in(const fs::path& file) {
  std::ifstream in(file);
  std::int64_t value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

/// The number after `key` in a file of lines "key number".
std::optional<std::int64_t> number_after(const fs::path& file, std::string_view key) {
  std::ifstream in(file);
  std::string name;
  for (std::int64_t value = 0; in >> name >> value;) {
    if (name == key) return value;
  }
  return std::nullopt;
}

template <class Number>
std::optional<Number> tighter(std::optional<Number> one, std::optional<Number> other) {
  if (!one) return other;
  if (!other) return one;
  return std::min(*one, *other);
}

bool lists(std::string_view comma_separated, std::string_view item) {
  std::istringstream in{std::string(comma_separated)};
  for (std::string part; std::getline(in, part, ',');) {
    if (part == item) return true;
  }
  return false;
}

/// Where a hierarchy is mounted, and which of its groups the mount shows as its top.
struct Mount {
  fs::path point;
  std::string top;
};

/// From /proc/self/mountinfo: "36 35 98:0 /top /point rw - cgroup cgroup rw,cpu,cpuacct". The
/// fields are described in proc(5).
std::optional<Mount> find_mount(const fs::path& root, std::string_view controller, bool v2) {
  std::ifstream in(root / "proc/self/mountinfo");
  for (std::string line; std::getline(in, line);) {
    const auto separator = line.find(" - ");
    if (separator == std::string::npos) continue;
    std::istringstream before(line.substr(0, separator));
    std::istringstream after(line.substr(separator + 3));
    std::string id;
    std::string parent;
    std::string device;
    Mount mount;
    std::string point;
    before >> id >> parent >> device >> mount.top >> point;
    std::string type;
    std::string source;
    std::string options;
    after >> type >> source >> options;
    if (!point.starts_with('/')) continue;
    if (v2 ? type == "cgroup2" : type == "cgroup" && lists(options, controller)) {
      mount.point = root / point.substr(1);
      return mount;
    }
  }
  return std::nullopt;
}

/// `path` as seen from `top`, if that is above it, and from the root otherwise.
fs::path below(const fs::path& top, const fs::path& path) {
  const auto relative = path.lexically_relative(top);
  if (relative.empty() || *relative.begin() == "..") return path.relative_path();
  return relative == "." ? fs::path() : relative;
}

/// The tightest of what of_group(folder, v2) says of this process's groups with this controller and
/// of all above them.
template <class Number>
std::optional<Number> tightest(const fs::path& root, std::string_view controller,
                               std::optional<Number> (*of_group)(const fs::path& folder, bool v2)) {
  std::optional<Number> found;
  std::ifstream groups(root / "proc/self/cgroup");
  // Lines "hierarchy:controllers:/group"; cgroup v2 is hierarchy 0 and names no controllers.
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool v2 = controllers.empty();
    if (!v2 && !lists(controllers, controller)) continue;
    const auto mount = find_mount(root, controller, v2);
    if (!mount) continue;
    // A container sees its own group at the mount's top; the path in /proc may still be the host's.
    auto group = below(mount->top, line.substr(second + 1));
    while (true) {
      found = tighter(found, of_group(mount->point / group, v2));
      if (group.empty()) break;
      group = group.parent_path();
    }
  }
  return found;
}

/// "max 100000" or "150000 100000".
std::optional<double> quota_v2(const fs::path& group) {
  std::ifstream in(group / "cpu.max");
  std::string quota;
  double period = 0;
  if (!(in >> quota >> period) || quota == "max" || period <= 0) return std::nullopt;
  double microseconds = 0;
  const auto [end, error] =
      std::from_chars(quota.data(), quota.data() + quota.size(), microseconds);
  if (error != std::errc{} || !std::isfinite(microseconds) || microseconds <= 0) {
    return std::nullopt;
  }
  return microseconds / period;
}

std::optional<double> quota_v1(const fs::path& group) {
  const auto quota = number_in(group / "cpu.cfs_quota_us");
  const auto period = number_in(group / "cpu.cfs_period_us");
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<double> quota(const fs::path& group, bool v2) {
  return v2 ? quota_v2(group) : quota_v1(group);
}

std::optional<std::int64_t> left_of(std::optional<std::int64_t> limit,
                                    std::optional<std::int64_t> used) {
  if (!limit || !used) return std::nullopt;
  return std::max<std::int64_t>(0, *limit - *used);
}

/// Both versions call the files the same.
std::optional<std::int64_t> processes_left(const fs::path& group, bool /*v2*/) {
  return left_of(number_in(group / "pids.max"), number_in(group / "pids.current"));
}

std::optional<std::int64_t> memory_left_kb(const fs::path& group, bool v2) {
  auto limit = number_in(group / (v2 ? "memory.max" : "memory.limit_in_bytes"));
  // Version 1 says "unlimited" by the largest number of whole pages that there is.
  constexpr std::int64_t too_large_for_a_limit = std::int64_t{1} << 60;
  if (limit && *limit >= too_large_for_a_limit) limit.reset();
  auto used = number_in(group / (v2 ? "memory.current" : "memory.usage_in_bytes"));
  // Files that were not touched lately are in the count, but make room for whoever needs it.
  const auto unused =
      number_after(group / "memory.stat", v2 ? "inactive_file" : "total_inactive_file");
  if (used && unused) *used -= std::min(*used, *unused);
  const auto bytes = left_of(limit, used);
  if (!bytes) return std::nullopt;
  return *bytes / 1024;
}

}  // namespace

std::optional<double> cgroup_cpu_quota(const fs::path& root) {
  return tightest(root, "cpu", quota);
}

std::optional<std::int64_t> cgroup_processes_left(const fs::path& root) {
  return tightest(root, "pids", processes_left);
}

std::optional<std::int64_t> cgroup_memory_left_kb(const fs::path& root) {
  return tightest(root, "memory", memory_left_kb);
}

}  // namespace concurrency_models::platform
