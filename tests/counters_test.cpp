// Which figure goes by which name. Every value differs from all others, so that none can stand for
// another.
#include "counters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace concurrency_models::bench {
namespace {

Measurement full_measurement() {
  return {.runs = 31,
          .wall = Seconds(8),
          .user = Seconds(0.5),
          .system = Seconds(1.5),
          .voluntary_switches = 3.5,
          .involuntary_switches = 4.5,
          .minor_faults = 5.5,
          .major_faults = 6.5,
          .max_rss_kb = 7,
          .processes = 0,
          .threads = 10,
          .loop_blocked = Measurement::LoopBlocked{.total = Seconds(11), .longest = Seconds(12)},
          .job_p50 = Seconds(13),
          .job_p99 = Seconds(14),
          .job_max = Seconds(15),
          .origin_cpu = Seconds(16),
          .reused = 0.75,
          .ideal = Seconds(2),
          .rss_growth_kb = 34,
          .jobs = 4,
          .failures = {}};
}

const std::map<std::string, double> full_counters = {
    {"cpu_pct", 25},        {"cpu_per_job_s", 0.5},  {"efficiency", 0.25},
    {"ideal_s", 2},         {"invol_ctx", 4.5},      {"job_max_s", 15},
    {"job_p50_s", 13},      {"job_p99_s", 14},       {"loop_blocked_max_s", 12},
    {"loop_blocked_s", 11}, {"major_faults", 6.5},   {"max_rss_kb", 7},
    {"minor_faults", 5.5},  {"origin_cpu_s", 16},    {"processes", 0},
    {"reused", 0.75},       {"rss_per_job_kb", 8.5}, {"sys_s", 1.5},
    {"threads", 10},        {"user_s", 0.5},         {"vol_ctx", 3.5},
    {"wall_s", 8}};

std::map<std::string, double> counters_of(const Measurement& measurement) {
  std::map<std::string, double> values;
  for (const auto& [name, counter] : to_counters(measurement)) {
    values[name] = counter.value;
    EXPECT_EQ(counter.flags, benchmark::Counter::kDefaults) << name << " is averaged already";
  }
  return values;
}

/// All but these.
std::map<std::string, double> full_counters_without(const std::vector<std::string>& names) {
  std::map<std::string, double> counters = full_counters;
  for (const std::string& name : names) counters.erase(name);
  return counters;
}

TEST(Counters, HaveEachFigureUnderItsName) {
  EXPECT_EQ(counters_of(full_measurement()), full_counters);
}

TEST(Counters, OfWhatCannotBeHadAreLeftOut) {
  Measurement measurement = full_measurement();
  measurement.max_rss_kb.reset();
  EXPECT_EQ(counters_of(measurement), full_counters_without({"max_rss_kb"}));
  measurement = full_measurement();
  measurement.loop_blocked.reset();
  EXPECT_EQ(counters_of(measurement),
            full_counters_without({"loop_blocked_s", "loop_blocked_max_s"}));
  measurement = full_measurement();
  measurement.origin_cpu.reset();
  EXPECT_EQ(counters_of(measurement), full_counters_without({"origin_cpu_s"}));
  measurement = full_measurement();
  measurement.reused.reset();
  EXPECT_EQ(counters_of(measurement), full_counters_without({"reused"}));
  measurement = full_measurement();
  measurement.jobs.reset();
  EXPECT_EQ(counters_of(measurement), full_counters_without({"cpu_per_job_s", "rss_per_job_kb"}));
  measurement = full_measurement();
  measurement.rss_growth_kb.reset();
  EXPECT_EQ(counters_of(measurement), full_counters_without({"rss_per_job_kb"}));
  measurement = full_measurement();
  measurement.ideal.reset();
  EXPECT_EQ(counters_of(measurement), full_counters_without({"ideal_s", "efficiency"}));
}

TEST(Counters, OfNoTimeAtAllHaveNoShareOfIt) {
  Measurement measurement = full_measurement();
  measurement.wall = Seconds(0);
  auto expected = full_counters_without({"cpu_pct", "efficiency"});
  expected["wall_s"] = 0;
  EXPECT_EQ(counters_of(measurement), expected);
}

TEST(Counters, ThatWereMeasuredAsZeroAreZero) {
  Measurement nothing;
  nothing.max_rss_kb = 0;
  nothing.loop_blocked = Measurement::LoopBlocked{.total = Seconds(0), .longest = Seconds(0)};
  nothing.origin_cpu = Seconds(0);
  nothing.reused = 0;
  nothing.ideal = Seconds(0);
  nothing.rss_growth_kb = 0;
  nothing.jobs = 1;
  const auto counters = counters_of(nothing);
  EXPECT_EQ(counters.size(), full_counters.size() - 2);  // all but shares of no time
  for (const auto& [name, value] : counters) EXPECT_EQ(value, 0) << name;
}

TEST(Counters, AreAllNamedInOrder) {
  std::vector<std::string> names;
  names.reserve(full_counters.size());
  for (const auto& [name, value] : full_counters) names.push_back(name);
  EXPECT_TRUE(
      std::equal(names.begin(), names.end(), counter_names().begin(), counter_names().end()));
}

}  // namespace
}  // namespace concurrency_models::bench
