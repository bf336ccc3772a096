// Names, labels, filters and sweeps of the cases that bench has.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "concurrency_models/cores.h"
#include "concurrency_models/execution_model.h"
#include "concurrency_models/standard_workloads.h"
#include "support/run_program.h"
#include "support/strict_json.h"

namespace concurrency_models {
namespace {

std::vector<std::string> list(std::vector<std::string> arguments) {
  arguments.emplace_back("--benchmark_list_tests");
  const ProgramResult result = run_bench(arguments);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  std::vector<std::string> names;
  std::istringstream lines(result.out);
  for (std::string line; std::getline(lines, line);) names.push_back(line);
  return names;
}

std::string case_of(const std::string& name) { return name.substr(0, name.find('/')); }

std::string with_workers(const std::string& family, unsigned workers) {
  return family + "/workers:" + std::to_string(workers) + "/real_time";
}

/// All names there should be, for these numbers of workers beside the study's.
std::vector<std::string> expected_names(const std::set<unsigned>& sweep) {
  std::vector<std::string> names;
  for (const std::string_view workload : standard_workload_names()) {
    for (const ExecutionModel& model : standard_models()) {
      const std::string family = std::string(workload) + '_' + model.name;
      if (model.policy != WorkerPolicy::bounded) {
        names.push_back(family + "/real_time");
        continue;
      }
      std::set<unsigned> workers = sweep;
      workers.insert(model.default_workers(available_cores()));
      for (const unsigned number : workers) names.push_back(with_workers(family, number));
    }
  }
  return names;
}

/// Small work, each case run once.
const std::vector<std::string> quick = {"--fibonacci",
                                        "5:8:1",
                                        "--latency-scale",
                                        "0",
                                        "--benchmark_min_time=0",
                                        "--benchmark_format=json"};

std::vector<std::string> quick_and(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), quick.begin(), quick.end());
  return arguments;
}

TEST(BenchNames, CoverEveryWorkloadUnderEveryModel) {
  const unsigned cores = available_cores();
  EXPECT_EQ(list({}), expected_names({1, 2, cores, 2 * cores, 4 * cores}));
}

TEST(BenchNames, SweepTheWorkersAskedForAndTheStudys) {
  EXPECT_EQ(list({"--workers", "7,3,7"}), expected_names({3, 7}));
}

TEST(BenchNames, AreSelectedByWorkload) {
  const std::vector<std::string> all = list({});
  std::size_t selected = 0;
  for (const std::string_view workload : standard_workload_names()) {
    const std::string prefix = std::string(workload) + '_';
    const std::vector<std::string> names = list({"--benchmark_filter=" + prefix});
    EXPECT_FALSE(names.empty());
    EXPECT_TRUE(std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      return name.starts_with(prefix);
    })) << prefix;
    selected += names.size();
  }
  EXPECT_EQ(selected, all.size());
}

/// The study's table, by hand.
std::vector<std::string> study_names() {
  const unsigned cores = available_cores();
  const unsigned threads = thread_pool_workers(cores);
  const unsigned processes = one_per_core(cores);
  return {"io_sequential/real_time",
          "io_threads/real_time",
          "io_processes/real_time",
          with_workers("io_thread_pool", threads),
          with_workers("io_process_pool", processes),
          "io_async/real_time",
          "io_async_sequential/real_time",
          "cpu_sequential/real_time",
          "cpu_threads/real_time",
          "cpu_processes/real_time",
          with_workers("cpu_thread_pool", threads),
          with_workers("cpu_process_pool", processes),
          "mixed_async/real_time",
          with_workers("mixed_async_thread_pool", threads),
          with_workers("mixed_async_process_pool", processes),
          "blocking_async/real_time",
          with_workers("blocking_async_thread_pool", threads),
          with_workers("blocking_async_process_pool", processes)};
}

TEST(BenchNames, OfTheStudyAreEighteen) { EXPECT_EQ(list({"--study"}), study_names()); }

TEST(BenchNames, OfTheStudyCarryItsNumbers) {
  const ProgramResult result = run_bench(quick_and({"--study"}));
  ASSERT_EQ(result.status, 0) << result.err;
  const nlohmann::json document = parse_strictly(result.out);
  const nlohmann::json& rows = document["benchmarks"];
  const std::vector<std::string> names = study_names();
  ASSERT_EQ(rows.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    EXPECT_EQ(rows[i]["name"], names[i]);
    EXPECT_EQ(rows[i]["label"], "case " + std::string(2 - number.size(), '0') + number);
  }
}

TEST(BenchNames, CarryTheStudysNumberOnItsNumberOfWorkersAlone) {
  const unsigned study_workers = thread_pool_workers(available_cores());
  const std::string others =
      std::to_string(study_workers + 1) + ',' + std::to_string(study_workers + 2);
  const ProgramResult result =
      run_bench(quick_and({"--benchmark_filter=_thread_pool|cpu_async/", "--workers", others}));
  ASSERT_EQ(result.status, 0) << result.err;
  std::set<std::string> labelled;
  const nlohmann::json document = parse_strictly(result.out);
  for (const nlohmann::json& row : document["benchmarks"]) {
    if (row.contains("label")) labelled.insert(row["name"]);
  }
  EXPECT_EQ(labelled,
            (std::set<std::string>{with_workers("io_thread_pool", study_workers),
                                   with_workers("cpu_thread_pool", study_workers),
                                   with_workers("mixed_async_thread_pool", study_workers),
                                   with_workers("blocking_async_thread_pool", study_workers)}));
}

TEST(BenchNames, AreOfEveryModelAndWorkloadIfAsked) {
  std::set<std::string> cases;
  for (const std::string& name : list({"--models=all", "--workloads", "all"})) {
    cases.insert(case_of(name));
  }
  EXPECT_EQ(cases.size(), all_workload_names().size() * all_models().size());
  EXPECT_TRUE(cases.contains("convoy_gil_threads"));
}

TEST(BenchNames, AreOfOneModelAndWorkloadIfAsked) {
  EXPECT_EQ(list({"--models", "callbacks", "--workloads", "convoy"}),
            (std::vector<std::string>{"convoy_callbacks/real_time"}));
}

TEST(BenchNames, OfFetchesHaveNoProcessForEachJobWhereConnectionsAreKept) {
  const std::vector<std::string> models = {"--models", "processes,process_pool", "--workers", "2"};
  const auto cases_with = [&models](const std::string& mode) {
    std::set<std::string> cases;
    std::vector<std::string> arguments = models;
    arguments.insert(arguments.end(), {"--workloads", "io,cpu", "--connection", mode});
    for (const std::string& name : list(arguments)) cases.insert(case_of(name));
    return cases;
  };
  std::set<std::string> all = {"io_processes", "io_process_pool", "cpu_processes",
                               "cpu_process_pool"};
  EXPECT_EQ(cases_with("fresh"), all);
  EXPECT_EQ(cases_with("resumed"), all);
  all.erase("io_processes");
  EXPECT_EQ(cases_with("keepalive"), all);
}

TEST(BenchNames, StandBeforeTheFirstSlash) {
  std::set<std::string> cases;
  for (const std::string& name : list({})) cases.insert(case_of(name));
  EXPECT_EQ(cases.size(), standard_workload_names().size() * standard_models().size());
}

}  // namespace
}  // namespace concurrency_models
