// The suite with a table of models that is not the standard one.
#include "concurrency_models/bench/suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "support/strict_json.h"
#include "support/test_origin.h"

namespace concurrency_models::bench {
namespace {

int runs_in_order = 0;

WorkersUsed run_in_order(JobRun& jobs, unsigned /*workers*/) {
  ++runs_in_order;
  for (std::size_t job = 0; job < jobs.size(); ++job) jobs.run(job);
  return {};
}

/// Fails when it runs for the third time, and at no other.
WorkersUsed fail_once(JobRun& jobs, unsigned workers) {
  static int runs = 0;
  if (++runs != 3) return run_in_order(jobs, workers);
  throw std::system_error(EAGAIN, std::generic_category(), "cannot make a worker");
}

WorkersUsed always_fail(JobRun& /*jobs*/, unsigned /*workers*/) {
  throw std::system_error(EAGAIN, std::generic_category(), "cannot make a worker");
}

WorkersUsed run_out_of_memory(JobRun& /*jobs*/, unsigned /*workers*/) { throw std::bad_alloc(); }

/// No exception may leave a thread.
WorkersUsed run_out_of_memory_elsewhere(JobRun& /*jobs*/, unsigned /*workers*/) {
  std::thread([] { throw std::bad_alloc(); }).join();
  return {};
}

WorkersUsed lose_a_job(JobRun& jobs, unsigned /*workers*/) {
  for (std::size_t job = 1; job < jobs.size(); ++job) jobs.run(job);
  return {};
}

/// As if the only worker was killed at the fourth job, while earlier ones still waited.
WorkersUsed lose_the_worker(JobRun& jobs, unsigned /*workers*/) {
  jobs.fail(3, {.stage = Stage::work, .code = {SIGKILL, process_exit_category()}});
  return {.processes = 1, .threads = 0, .children = {}};
}

/// As if all were killed before they took one.
WorkersUsed lose_idle_workers(JobRun& /*jobs*/, unsigned /*workers*/) {
  return {.processes = 2, .threads = 0, .children = {}};
}

ExecutionModel make_model(const std::string& name, WorkersUsed (*run)(JobRun&, unsigned)) {
  ExecutionModel model;
  model.name = name;
  model.run = run;
  return model;
}

std::vector<ExecutionModel> own_models() {
  std::vector<ExecutionModel> models = {
      make_model("in_order", run_in_order),
      make_model("fails", always_fail),
      make_model("fails_once", fail_once),
      make_model("forgets", lose_a_job),
      make_model("devours", run_out_of_memory),
      make_model("loses_worker", lose_the_worker),
      make_model("loses_idle", lose_idle_workers),
      make_model("devours_elsewhere", run_out_of_memory_elsewhere),
      make_model("pool", run_in_order)};
  models.back().policy = WorkerPolicy::bounded;
  models.back().default_workers = [](unsigned /*cores*/) { return 5U; };
  return models;
}

struct Result {
  int status = 0;
  std::string out;
  std::string err;
};

/// Returns its status.
int run_suite_uncaptured(const std::string& filter, std::vector<std::string> arguments) {
  const std::string origin = "http://127.0.0.1:" + std::to_string(test_origin().http_port());
  std::string names;
  for (const ExecutionModel& model : own_models()) {
    names += (names.empty() ? "" : ",") + model.name;
  }
  arguments.insert(arguments.begin(), {"bench", "--origin=" + origin, "--fibonacci=5:8:1",
                                       "--latency-scale=0", "--models=" + names,
                                       "--benchmark_format=json", "--benchmark_filter=" + filter});
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  const std::vector<ExecutionModel> models = own_models();
  return bench_main(static_cast<int>(pointers.size()), pointers.data(), models);
}

Result run_suite(const std::string& filter, std::vector<std::string> arguments = {}) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Result result;
  result.status = run_suite_uncaptured(filter, std::move(arguments));
  result.out = testing::internal::GetCapturedStdout();
  result.err = testing::internal::GetCapturedStderr();
  return result;
}

nlohmann::json rows_of(const Result& result) { return parse_strictly(result.out)["benchmarks"]; }

TEST(Suite, RunsAnyTableOfModels) {
  const Result result = run_suite("_(in_order|pool)", {"--benchmark_min_time=0", "--workers=2"});
  EXPECT_EQ(result.status, 0) << result.err;
  std::vector<std::string> names;
  for (const nlohmann::json& row : rows_of(result)) {
    names.push_back(row["name"]);
    EXPECT_FALSE(row.contains("label"));
  }
  EXPECT_EQ(names.size(), 4U * 3);
  EXPECT_EQ(names[0], "io_in_order/real_time");
  EXPECT_EQ(names[1], "io_pool/workers:2/real_time");
  EXPECT_EQ(names[2], "io_pool/workers:5/real_time");
}

// Google Benchmark would run it once more for its memory manager, had it one.
TEST(Suite, RunsACaseNoMoreOftenThanItSays) {
  runs_in_order = 0;
  const Result result = run_suite("cpu_in_order", {"--benchmark_min_time=0"});
  EXPECT_EQ(rows_of(result).at(0)["iterations"], 1);
  EXPECT_EQ(runs_in_order, 1);
}

TEST(Suite, EndsACaseAtItsFirstFailure) {
  const Result result = run_suite("cpu_fails/", {"--benchmark_min_time=3600"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err,
            "bench: cpu_fails: cannot make a worker: Resource temporarily unavailable; allow more "
            "processes and memory (ulimit -u and -v, pids.max of the cgroup), or ask for less "
            "work\n");
  const nlohmann::json row = rows_of(result).at(0);
  EXPECT_EQ(row["error_occurred"], true);
  EXPECT_FALSE(row.contains("real_time"));
}

TEST(Suite, SaysThatMoreJobsAreNotPossible) {
  const Result result = run_suite("cpu_fails/jobs", {"--benchmark_min_time=0", "--jobs=10"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(
      result.err.rfind("bench: cpu_fails/jobs:10: stopped here, because cannot make a worker: ", 0),
      0U)
      << result.err;
}

TEST(Suite, SaysThatMemoryRanOut) {
  const Result result = run_suite("cpu_devours/");
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err,
            "bench: cpu_devours: start: Cannot allocate memory; allow more memory (ulimit -v), or "
            "ask for less work\n");
}

TEST(Suite, KeepsWhatWasMeasuredWhenMemoryRanOutWhereNobodyCanCatchIt) {
  static_cast<void>(test_origin());
  int out[2];
  ASSERT_EQ(::pipe(out), 0);
  EXPECT_EXIT(
      {
        ::dup2(out[1], STDOUT_FILENO);
        run_suite_uncaptured("cpu_(in_order|devours_elsewhere)", {"--benchmark_min_time=0"});
      },
      testing::ExitedWithCode(1),
      "^bench: memory ran out in the middle of a case; what was measured before is written; allow "
      "more memory");
  ::close(out[1]);
  std::string text(65536, '\0');
  text.resize(
      static_cast<std::size_t>(std::max<ssize_t>(::read(out[0], text.data(), text.size()), 0)));
  ::close(out[0]);
  EXPECT_EQ(parse_strictly(text)["benchmarks"].at(0)["name"], "cpu_in_order/real_time");
}

TEST(Suite, NoticesThatAModelLeavesAJobUndone) {
  const Result result = run_suite("cpu_(forgets|in_order)", {"--benchmark_min_time=0"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("bench: cpu_forgets: job 0: fibonacci(5): "), std::string::npos)
      << result.err;
  const nlohmann::json rows = rows_of(result);
  EXPECT_TRUE(rows.at(0).contains("wall_s"));
  EXPECT_EQ(rows.at(1)["error_occurred"], true);
}

TEST(Suite, NamesTheCauseAndNotWhatFollowedFromIt) {
  const Result result = run_suite("cpu_loses_worker/", {"--benchmark_min_time=0"});
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.err,
              testing::MatchesRegex(
                  "bench: cpu_loses_worker: job 3: .*: work: its worker process was killed by "
                  "SIGKILL .* \\(and 3 more of 4 jobs\\); was it killed for want of memory.\n"));
}

TEST(Suite, SaysThatTheWorkerProcessesAreGone) {
  const Result result = run_suite("cpu_loses_idle/", {"--benchmark_min_time=0"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err,
            "bench: cpu_loses_idle: job 0: fibonacci(5): start: no worker took the job (and 3 more "
            "of 4 jobs); its worker processes are gone: were they killed for want of memory?\n");
}

TEST(Suite, SumsUpTheRepetitionsThatWentWell) {
  const Result result =
      run_suite("cpu_fails_once", {"--benchmark_min_time=0", "--benchmark_repetitions=4"});
  EXPECT_EQ(result.status, 1);
  std::size_t failed = 0;
  std::size_t aggregates = 0;
  for (const nlohmann::json& row : rows_of(result)) {
    if (row.contains("error_occurred")) ++failed;
    if (row["run_type"] == "aggregate") ++aggregates;
  }
  EXPECT_EQ(failed, 1U);
  EXPECT_EQ(aggregates, 4U);
}

}  // namespace
}  // namespace concurrency_models::bench
