#pragma once

#include <chrono>
#include <cstdint>

struct rusage;  // <sys/resource.h>

namespace concurrency_models {

/// What a process, or several, cost the system so far or over a stretch of time.
///
/// Sums and differences are member by member, except that the peak resident set of a sum is the
/// larger one (two processes' peaks do not add up: they share pages and need not coincide) and a
/// difference keeps the minuend's.
struct ResourceUsage {
  std::chrono::microseconds user{};
  std::chrono::microseconds system{};
  std::int64_t voluntary_switches = 0;
  std::int64_t involuntary_switches = 0;
  std::int64_t minor_faults = 0;
  std::int64_t major_faults = 0;
  std::int64_t max_rss_kb = 0;  ///< peak resident set in KiB of the largest process; 0: unknown

  ResourceUsage& operator+=(const ResourceUsage& other);
  friend ResourceUsage operator-(const ResourceUsage& later, const ResourceUsage& earlier);
};

/// From what getrusage or wait4 filled in; takes care of systems that count bytes.
[[nodiscard]] ResourceUsage to_resource_usage(const ::rusage& usage);

/// This process so far, all its threads, without its children. Its max_rss_kb is the high-water
/// mark of the process's whole life, which no difference can undo: see peak_memory.h. Throws
/// std::system_error if the system does not tell.
[[nodiscard]] ResourceUsage current_resource_usage();

}  // namespace concurrency_models
