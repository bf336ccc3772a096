#include "counters.h"

#include <array>

namespace concurrency_models::bench {

benchmark::UserCounters to_counters(const Measurement& measurement) {
  const Seconds cpu = measurement.user + measurement.system;
  benchmark::UserCounters counters = {
      {"user_s", measurement.user.count()},
      {"sys_s", measurement.system.count()},
      {"wall_s", measurement.wall.count()},
      {"vol_ctx", measurement.voluntary_switches},
      {"invol_ctx", measurement.involuntary_switches},
      {"minor_faults", measurement.minor_faults},
      {"major_faults", measurement.major_faults},
      {"processes", measurement.processes},
      {"threads", measurement.threads},
      {"job_p50_s", measurement.job_p50.count()},
      {"job_p99_s", measurement.job_p99.count()},
      {"job_max_s", measurement.job_max.count()},
  };
  if (measurement.wall > Seconds::zero()) counters["cpu_pct"] = 100 * (cpu / measurement.wall);
  if (measurement.max_rss_kb) {
    counters["max_rss_kb"] = static_cast<double>(*measurement.max_rss_kb);
  }
  if (measurement.loop_blocked) {
    counters["loop_blocked_s"] = measurement.loop_blocked->total.count();
    counters["loop_blocked_max_s"] = measurement.loop_blocked->longest.count();
  }
  if (measurement.jobs && *measurement.jobs > 0) {
    const auto jobs = static_cast<double>(*measurement.jobs);
    counters["cpu_per_job_s"] = cpu.count() / jobs;
    if (measurement.rss_growth_kb) {
      counters["rss_per_job_kb"] = static_cast<double>(*measurement.rss_growth_kb) / jobs;
    }
  }
  if (measurement.ideal) {
    counters["ideal_s"] = measurement.ideal->count();
    if (measurement.wall > Seconds::zero()) {
      counters["efficiency"] = *measurement.ideal / measurement.wall;
    }
  }
  if (measurement.origin_cpu) counters["origin_cpu_s"] = measurement.origin_cpu->count();
  if (measurement.reused) counters["reused"] = *measurement.reused;
  return counters;
}

std::span<const std::string_view> counter_names() {
  static constexpr std::array<std::string_view, 22> names = {
      "cpu_pct",        "cpu_per_job_s",  "efficiency",
      "ideal_s",        "invol_ctx",      "job_max_s",
      "job_p50_s",      "job_p99_s",      "loop_blocked_max_s",
      "loop_blocked_s", "major_faults",   "max_rss_kb",
      "minor_faults",   "origin_cpu_s",   "processes",
      "reused",         "rss_per_job_kb", "sys_s",
      "threads",        "user_s",         "vol_ctx",
      "wall_s"};
  return names;
}

}  // namespace concurrency_models::bench
