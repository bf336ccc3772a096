#include "concurrency_models/resource_usage.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "platform/platform.h"

namespace concurrency_models {
namespace {

std::chrono::microseconds to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

ResourceUsage& ResourceUsage::operator+=(const ResourceUsage& other) {
  user += other.user;
  system += other.system;
  voluntary_switches += other.voluntary_switches;
  involuntary_switches += other.involuntary_switches;
  minor_faults += other.minor_faults;
  major_faults += other.major_faults;
  max_rss_kb = std::max(max_rss_kb, other.max_rss_kb);
  return *this;
}

ResourceUsage operator-(const ResourceUsage& later, const ResourceUsage& earlier) {
  ResourceUsage difference = later;
  difference.user -= earlier.user;
  difference.system -= earlier.system;
  difference.voluntary_switches -= earlier.voluntary_switches;
  difference.involuntary_switches -= earlier.involuntary_switches;
  difference.minor_faults -= earlier.minor_faults;
  difference.major_faults -= earlier.major_faults;
  return difference;
}

ResourceUsage to_resource_usage(const ::rusage& usage) {
  return {.user = to_duration(usage.ru_utime),
          .system = to_duration(usage.ru_stime),
          .voluntary_switches = usage.ru_nvcsw,
          .involuntary_switches = usage.ru_nivcsw,
          .minor_faults = usage.ru_minflt,
          .major_faults = usage.ru_majflt,
          .max_rss_kb = platform::max_rss_kb(usage)};
}

ResourceUsage current_resource_usage() {
  ::rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot read this process's usage");
  }
  return to_resource_usage(usage);
}

}  // namespace concurrency_models
