// Cases with numbers of jobs: their names, counters, growth, and where they stop.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

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
TEST(BenchJobs, StopBeforeTheyUseTheSystemUp) {
  const ProgramResult result =
      run_program({"/bin/sh", "-c",
                   "ulimit -n 200; exec \"$0\" --jobs 20,400 --benchmark_filter='^io_async/jobs:' "
                   "--benchmark_min_time=0 --benchmark_format=json --latency=0 --efficiency=false",
                   CONCURRENCY_MODELS_BENCH});
  EXPECT_EQ(result.status, 1);
  const json document = parse_strictly(result.out);
  ASSERT_EQ(document["benchmarks"].size(), 2U) << result.out;
  EXPECT_FALSE(document["benchmarks"][0].contains("error_message"));
  const std::string reason = document["benchmarks"][1]["error_message"];
  EXPECT_EQ(reason,
            "stopped here, because it would take 400 descriptors (ulimit -Hn), and of 200 no more "
            "than 150 are used");
}

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
