// Cases with numbers of jobs: their names, counters, growth, and where they stop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "concurrency_models/cores.h"
#include "support/run_program.h"
#include "support/strict_json.h"

namespace concurrency_models {
namespace {

using nlohmann::json;

ProgramResult run_jobs(const std::string& jobs, const std::string& filter) {
  return run_bench({"--jobs", jobs, "--benchmark_filter=" + filter, "--benchmark_min_time=0",
                    "--benchmark_format=json", "--latency=0", "--efficiency=false"});
}

TEST(BenchJobs, AreRegisteredBesideTheOtherCases) {
  const auto names = [](const std::string& jobs) {
    return run_bench({"--jobs", jobs, "--models=async,thread_pool", "--workloads=cpu",
                      "--workers=1", "--benchmark_filter=async", "--benchmark_list_tests"})
        .out;
  };
  EXPECT_EQ(names("20,10"),
            "cpu_async/real_time\n"
            "cpu_async/jobs:10/real_time\ncpu_async/jobs:20/real_time\n"
            "empty_async/jobs:10/real_time\nempty_async/jobs:20/real_time\n");
  EXPECT_EQ(names("decades"),
            "cpu_async/real_time\n"
            "cpu_async/jobs:100/real_time\ncpu_async/jobs:1000/real_time\n"
            "cpu_async/jobs:10000/real_time\n"
            "empty_async/jobs:100/real_time\nempty_async/jobs:1000/real_time\n"
            "empty_async/jobs:10000/real_time\nempty_async/jobs:100000/real_time\n");
}

TEST(BenchJobs, TellWhatAJobCostsAndHowThatGrows) {
  const ProgramResult result =
      run_jobs("10,20", "^((io|cpu|empty)_async|cpu_process_pool|empty_threads)/jobs:");
  ASSERT_EQ(result.status, 0) << result.err;
  const json document = parse_strictly(result.out);
  std::set<std::string> fitted;
  for (const json& row : document["benchmarks"]) {
    const std::string name = row["name"];
    if (row["run_type"] == "aggregate") {
      EXPECT_TRUE(row.contains("rms") ||
                  (row.contains("big_o") && row.contains("real_coefficient")))
          << row;
      fitted.insert(name);
      continue;
    }
    EXPECT_TRUE(row.contains("cpu_per_job_s")) << name;
#ifdef __linux__
    EXPECT_TRUE(row.contains("rss_per_job_kb")) << name;
#endif
  }
  EXPECT_EQ(fitted.size(), 2 * 5U);
  EXPECT_TRUE(fitted.contains("io_async/real_time_BigO"));
  EXPECT_TRUE(fitted.contains("cpu_process_pool/real_time_RMS"));
}

#ifdef __linux__
/// Where of something there is too little for one of the numbers of jobs.
struct Scarcity {
  std::string name;
  std::vector<std::string> limits;  ///< as limited takes them
  std::string family;
  std::vector<std::string> options;
  std::size_t enough;  ///< jobs that there is room for
  std::size_t many;    ///< and too many
  std::string reason;  ///< a regular expression
  unsigned cores = 1;  ///< it takes to use up that much
};

std::ostream& operator<<(std::ostream& out, const Scarcity& scarcity) {
  return out << scarcity.name;
}

/// With little work for each job.
ProgramResult run_where_scarce(const Scarcity& scarce) {
  std::vector<std::string> command = {CONCURRENCY_MODELS_LIMITED};
  command.insert(command.end(), scarce.limits.begin(), scarce.limits.end());
  command.insert(command.end(), {"--", CONCURRENCY_MODELS_BENCH, "--jobs",
                                 std::to_string(scarce.enough) + ',' + std::to_string(scarce.many),
                                 "--benchmark_filter=^" + scarce.family + "/jobs:",
                                 "--benchmark_min_time=0", "--benchmark_format=json", "--latency=0",
                                 "--efficiency=false", "--fibonacci=5:8:1"});
  command.insert(command.end(), scarce.options.begin(), scarce.options.end());
  return run_program(command);
}

bool is_not_permitted(const ProgramResult& result) {
  constexpr int not_permitted = 77;
  return result.status == not_permitted;
}

class ScarceJobs : public testing::TestWithParam<Scarcity> {};

TEST_P(ScarceJobs, StopBeforeTheyUseTheSystemUp) {
  if (available_cores() < GetParam().cores) GTEST_SKIP() << "there are too few cores";
  const ProgramResult result = run_where_scarce(GetParam());
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  EXPECT_EQ(result.status, 1);
  const json rows = parse_strictly(result.out)["benchmarks"];
  ASSERT_EQ(rows.size(), 2U) << result.out;
  EXPECT_FALSE(rows[0].contains("error_message")) << rows[0];
  EXPECT_THAT(std::string(rows[1].value("error_message", "")),
              testing::MatchesRegex("stopped here, because it would take " + GetParam().reason +
                                    " are used"));
}

INSTANTIATE_TEST_SUITE_P(
    Limits, ScarceJobs,
    testing::Values(
        Scarcity{"descriptors",
                 {"descriptors=200"},
                 "io_async",
                 {},
                 20,
                 400,
                 "400 descriptors \\(ulimit -Hn\\), and of 200 no more than 150"},
        Scarcity{"descriptors_of_several_loops",
                 {"descriptors=200"},
                 "io_event_loop_per_thread",
                 {"--models=all", "--workers=2", "--in-flight=90"},
                 20,
                 400,
                 std::to_string(std::min(90 * available_cores(), 400U)) +
                     " descriptors \\(ulimit -Hn\\), and of 200 no more than 150",
                 2},
        Scarcity{"process_numbers",
                 {"text=/proc/sys/kernel/pid_max:100"},
                 "cpu_processes",
                 {},
                 20,
                 80,
                 "80 processes \\(/proc/sys/kernel/pid_max\\), and of 100 no more than 75"},
        Scarcity{"threads_of_the_system",
                 {"text=/proc/sys/kernel/threads-max:100"},
                 "cpu_threads",
                 {},
                 20,
                 80,
                 "80 threads \\(/proc/sys/kernel/threads-max\\), and of 100 no more than 75"},
        // Some are bench's own and the origin's.
        Scarcity{"threads_of_the_group",
                 {"processes=100"},
                 "cpu_threads",
                 {},
                 20,
                 76,
                 "76 threads \\(left of pids.max of the cgroup\\), and of 9. no more than 7."},
        Scarcity{"processes_of_the_group",
                 {"processes=100"},
                 "cpu_processes",
                 {},
                 20,
                 76,
                 "76 processes \\(left of pids.max of the cgroup\\), and of 9. no more than 7."},
        Scarcity{"processes_of_the_user",
                 {"tasks=100"},
                 "cpu_processes",
                 {},
                 20,
                 76,
                 "76 processes \\(ulimit -u\\), and of 100 no more than 75"},
        Scarcity{"mappings",
                 {"text=/proc/sys/vm/max_map_count:100"},
                 "cpu_threads",
                 {},
                 20,
                 60,
                 "120 mappings for stacks \\(/proc/sys/vm/max_map_count\\), and of 100 no more "
                 "than 75"},
        Scarcity{"memory",
                 {"text=/proc/meminfo:MemAvailable: 40000 kB"},
                 "cpu_processes",
                 {},
                 20,
                 60,
                 "30720 KiB of free memory, and of 40000 no more than 30000"},
        Scarcity{"memory_of_the_group",
                 {"memory=128"},
                 "cpu_processes",
                 {},
                 20,
                 250,
                 "128000 KiB of the memory left to the cgroup, and of [0-9]+ no more than [0-9]+"}),
    [](const auto& scarcity) { return scarcity.param.name; });

/// Where of something there is little, but more than all of the jobs need.
class JobsOfFewConnections : public testing::TestWithParam<Scarcity> {};

TEST_P(JobsOfFewConnections, GoOn) {
  const ProgramResult result = run_where_scarce(GetParam());
  EXPECT_EQ(result.status, 0) << result.err;
}

INSTANTIATE_TEST_SUITE_P(
    Families, JobsOfFewConnections,
    testing::Values(
        Scarcity{"one_by_one", {"descriptors=200"}, "io_async_sequential", {}, 20, 400, {}},
        Scarcity{"workers", {"descriptors=200"}, "io_thread_pool", {}, 20, 400, {}},
        Scarcity{
            "few_in_flight", {"descriptors=200"}, "io_async", {"--in-flight=20"}, 20, 400, {}}),
    [](const auto& scarcity) { return scarcity.param.name; });

// The library's own fit of growth would crash here.
TEST(BenchJobs, MayAllStop) {
  const ProgramResult result =
      run_program({"/bin/sh", "-c",
                   "ulimit -n 100; exec \"$0\" --jobs 300,400 --benchmark_filter='^io_async/jobs:' "
                   "--benchmark_min_time=0 --benchmark_format=json",
                   CONCURRENCY_MODELS_BENCH});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(parse_strictly(result.out)["benchmarks"].size(), 2U);
}
#endif

}  // namespace
}  // namespace concurrency_models
