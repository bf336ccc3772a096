#include "job_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>

#include "concurrency_models/cgroup.h"

namespace concurrency_models::bench {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
/// What a forked process takes at the least: page tables, stacks and what it writes to.
constexpr std::uint64_t kib_per_process = 512;
constexpr std::uint64_t kib_per_thread = 16;
/// Of either end of a connection over TLS.
constexpr std::uint64_t kib_per_connection = 64;

/// The number that follows `key` in the file; at its beginning, if there is no key.
std::uint64_t number_in(const char* file, const std::string& key = {}) {
  std::ifstream in(file);
  std::string word = key;
  while (!key.empty() && in >> word && word != key) {
  }
  std::uint64_t number = 0;
  return word == key && in >> number ? number : unlimited;
}

std::uint64_t known(std::optional<std::int64_t> number) {
  return number ? static_cast<std::uint64_t>(*number) : unlimited;
}

/// The type of resources differs between systems.
template <class Resource>
std::uint64_t soft_limit(Resource resource) {
  ::rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return unlimited;
  return limit.rlim_cur == RLIM_INFINITY ? unlimited : limit.rlim_cur;
}

struct Limit {
  std::uint64_t most;
  std::string what;  ///< after "has room for N"
};

/// Whichever of the limits is passed by so many of it, if a quarter is left to others.
std::optional<std::string> passed(std::uint64_t wanted, std::initializer_list<Limit> limits) {
  for (const Limit& limit : limits) {
    if (limit.most == unlimited) continue;
    const std::uint64_t usable = limit.most - limit.most / 4;
    if (wanted <= usable) continue;
    return "it would take " + std::to_string(wanted) + ' ' + limit.what + ", and of " +
           std::to_string(limit.most) + " no more than " + std::to_string(usable) + " are used";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> job_limit(const ExecutionModel& model, std::string_view workload,
                                     std::size_t jobs, unsigned workers, std::size_t in_flight) {
  std::uint64_t kib = 0;
  if (model.policy == WorkerPolicy::per_job) {
    const std::string of_what = model.forks ? "processes" : "threads";
    auto limit = passed(
        jobs,
        {{number_in("/proc/sys/kernel/pid_max"), of_what + " (/proc/sys/kernel/pid_max)"},
         {number_in("/proc/sys/kernel/threads-max"), of_what + " (/proc/sys/kernel/threads-max)"},
         {known(cgroup_processes_left()), of_what + " (left of pids.max of the cgroup)"},
         {::geteuid() == 0 ? unlimited : soft_limit(RLIMIT_NPROC), of_what + " (ulimit -u)"}});
    if (limit) return limit;
    kib += jobs * (model.forks ? kib_per_process : kib_per_thread);
    if (!model.forks) {
      // Each has a stack and a guard page.
      auto maps = passed(2 * jobs, {{number_in("/proc/sys/vm/max_map_count"),
                                     "mappings for stacks (/proc/sys/vm/max_map_count)"}});
      if (maps) return maps;
    }
  }
  if (workload == "io") {
    const std::size_t connections = std::min(jobs, fetches_at_once(model, workers, in_flight));
    auto limit = passed(connections, {{soft_limit(RLIMIT_NOFILE), "descriptors (ulimit -Hn)"}});
    if (limit) return limit;
    kib += 2 * connections * kib_per_connection;
  }
  return passed(kib, {{number_in("/proc/meminfo", "MemAvailable:"), "KiB of free memory"},
                      {known(cgroup_memory_left_kb()), "KiB of the memory left to the cgroup"}});
}

}  // namespace concurrency_models::bench
