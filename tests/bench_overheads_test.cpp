// That bench_overheads has the cases it is for and that they work; how long they take is not asked.
#include <gtest/gtest.h>

#include <string>

#include "concurrency_models/execution_model.h"
#include "support/run_program.h"
#include "support/strict_json.h"

namespace concurrency_models {
namespace {

using nlohmann::json;

ProgramResult run_overheads(const std::string& argument) {
  return run_program({CONCURRENCY_MODELS_BENCH_OVERHEADS, argument, "--benchmark_format=json",
                      "--benchmark_min_time=0"});
}

TEST(BenchOverheads, HasEveryModel) {
  const std::string names = run_overheads("--benchmark_list_tests").out;
  for (const ExecutionModel& model : all_models()) {
    EXPECT_NE(names.find("jobs_" + model.name + "/jobs:"), std::string::npos) << model.name;
  }
}

TEST(BenchOverheads, RunsEachKindOfCase) {
  const ProgramResult result =
      run_overheads("--benchmark_filter=^(fetch|start|counters)_|^jobs_(thread|process)_pool/");
  ASSERT_EQ(result.status, 0) << result.err;
  std::size_t fetches = 0;
  const json document = parse_strictly(result.out);
  for (const json& row : document["benchmarks"]) {
    const std::string name = row["name"];
    EXPECT_GT(row["real_time"], 0) << name;
    EXPECT_EQ(row.contains("per_job_s"), name.find("/jobs:") != std::string::npos) << name;
    EXPECT_EQ(row.contains("cpu_s"), name.starts_with("fetch_") ||
                                         name == "start_thread/real_time" ||
                                         name == "start_process/real_time")
        << name;
    if (name.starts_with("fetch_")) ++fetches;
  }
  EXPECT_EQ(fetches, 10U);  // two ways; https in three modes, http in two
}

TEST(BenchOverheads, RefusesAFilterThatMatchesNothing) {
  const ProgramResult result = run_overheads("--benchmark_filter=no_such_case");
  EXPECT_EQ(result.status, 2);
  EXPECT_TRUE(result.err.find("bench_overheads: --benchmark_filter") != std::string::npos)
      << result.err;
}

}  // namespace
}  // namespace concurrency_models
