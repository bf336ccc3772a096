// bench where the machine has too little of something. tests/programs/limited.cpp makes it so.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "concurrency_models/execution_model.h"
#include "support/children_of.h"
#include "support/comes_true.h"
#include "support/coverage.h"
#include "support/origin_program.h"
#include "support/run_program.h"
#include "support/sanitizers.h"
#include "support/strict_json.h"
#include "support/temporary_directory.h"

namespace concurrency_models {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

constexpr bool sanitized = address_sanitizer || thread_sanitizer;

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Little work, told in JSON.
const Words small = {"--fibonacci=5:8:1", "--files=2", "--file-size=100", "--benchmark_min_time=0",
                     "--benchmark_format=json"};

Words limited(const Words& limits, const Words& arguments) {
  return Words{CONCURRENCY_MODELS_LIMITED} + limits + Words{"--", CONCURRENCY_MODELS_BENCH} +
         arguments;
}

ProgramResult run_limited(const Words& limits, const Words& arguments) {
  return run_program(limited(limits, small + arguments));
}

bool is_not_permitted(const ProgramResult& result) {
  constexpr int not_permitted = 77;
  return result.status == not_permitted;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool contains_any(const std::string& text, const Words& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&text](const std::string& part) { return contains(text, part); });
}

std::ptrdiff_t count_lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

json rows_of(const ProgramResult& result) { return parse_strictly(result.out)["benchmarks"]; }

bool failed(const json& row) { return row.contains("error_occurred"); }

/// Whether the run ended by itself and told all it had to: each case has its figures or its error,
/// each error its line. Returns how many failed.
std::ptrdiff_t expect_all_told(const ProgramResult& result) {
  EXPECT_LE(result.status, 1) << result.err;
  const json rows = rows_of(result);
  std::ptrdiff_t failures = 0;
  for (const json& row : rows) {
    if (failed(row)) {
      ++failures;
      EXPECT_FALSE(row.contains("real_time")) << row;
    } else {
      EXPECT_TRUE(row.contains("wall_s")) << row;
    }
  }
  EXPECT_FALSE(rows.empty());
  EXPECT_EQ(result.status, failures > 0 ? 1 : 0);
  std::ptrdiff_t lines = 0;
  for (std::string::size_type at = 0; at < result.err.size(); ++at) {
    if (result.err.compare(at, 7, "bench: ") == 0) ++lines;
    at = result.err.find('\n', at);
    if (at == std::string::npos) break;
  }
  EXPECT_EQ(lines, failures) << result.err;
  return failures;
}

void expect_one_line(const ProgramResult& result, int status, const Words& parts) {
  EXPECT_EQ(result.status, status) << result.err;
  EXPECT_EQ(count_lines(result.err), 1) << result.err;
  for (const std::string& part : parts) EXPECT_TRUE(contains(result.err, part)) << result.err;
}

struct Limit {
  std::string name;
  Words limits;
  Words arguments;
  /// Each error says one of these.
  Words errors;
  /// Models under which every case of this workload must fail; all cases of `sequential` succeed.
  std::string workload;
  bool (*must_fail)(const ExecutionModel& model);
};

bool sends_all_at_once(const ExecutionModel& model) {
  return model.event_loop != EventLoop::absent && model.name != "async_sequential";
}
bool has_workers(const ExecutionModel& model) { return model.policy != WorkerPolicy::none; }

/// One that is not limited.
std::string test_origin_url() {
  static const OriginProgram origin;
  return "http://127.0.0.1:" + std::to_string(origin.http().port);
}

std::vector<Limit> limits() {
  return {
      {.name = "descriptors",
       .limits = {"descriptors=26"},
       .arguments = {"--fetches=60", "--origin=" + test_origin_url()},
       .errors = {"connect: Too many open files", " cannot work: Too many open files"},
       .workload = "io",
       .must_fail = sends_all_at_once},
      {.name = "processes",
       .limits = {"processes=4"},
       .arguments = {},
       .errors = {": start: Resource temporarily unavailable",
                  "cannot start a worker thread: Resource temporarily unavailable; allow more "
                  "processes",
                  "cannot fork a worker process: Resource temporarily unavailable; allow more "
                  "processes"},
       .workload = "io",
       .must_fail = has_workers},
      {.name = "ports",
       .limits = {"ports=40000-40015"},
       .arguments = {"--scheme=http"},
       .errors = {"connect: Cannot assign requested address"},
       .workload = "io",
       .must_fail = sends_all_at_once},
  };
}

Words model_names() {
  Words names;
  for (const ExecutionModel& model : all_models()) names.push_back(model.name);
  return names;
}

const ExecutionModel& model_called(const std::string& name) {
  return *std::find_if(all_models().begin(), all_models().end(),
                       [&name](const ExecutionModel& model) { return model.name == name; });
}

class ModelWithin : public testing::TestWithParam<std::tuple<std::size_t, std::string>> {};

TEST_P(ModelWithin, ALimitTellsWhatItLacks) {
  const Limit limit = limits()[std::get<0>(GetParam())];
  if (sanitized && limit.name != "ports") GTEST_SKIP() << "sanitizers need more of it themselves";
  const ExecutionModel& model = model_called(std::get<1>(GetParam()));
  const ProgramResult result =
      run_limited(limit.limits, limit.arguments + Words{"--models=" + model.name, "--workers=8"});
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  const std::ptrdiff_t failures = expect_all_told(result);
  if (model.name == "sequential" && limit.name != "ports") {
    EXPECT_EQ(failures, 0) << result.err;
  }
  for (const json& row : rows_of(result)) {
    const std::string name = row["name"];
    SCOPED_TRACE(name);
    const bool is_largest_pool = model.policy != WorkerPolicy::bounded || contains(name, ":8/");
    if (limit.must_fail(model) && name.starts_with(limit.workload + '_') && is_largest_pool) {
      EXPECT_TRUE(failed(row));
    }
    if (!failed(row)) continue;
    const std::string message = row["error_message"];
    EXPECT_TRUE(contains_any(message, limit.errors)) << message;
    EXPECT_TRUE(contains_any(message,
                             {"; allow more ", "; no client port is free", "; the server hung up"}))
        << message;
  }
}

// Which lacks descriptors before bench does, and takes connections only to reset them.
TEST(OriginWithinDescriptors, ResetsWhatItCannotServe) {
  if (sanitized) GTEST_SKIP() << "sanitizers need more of it themselves";
  const ProgramResult result = run_limited(
      {"descriptors=26"}, {"--fetches=60", "--models=sequential,async", "--benchmark_filter=^io_"});
  EXPECT_EQ(expect_all_told(result), 1);
  const json row = rows_of(result).at(1);
  EXPECT_TRUE(contains_any(row.value("error_message", ""), {"Connection reset", "Broken pipe"}))
      << row;
  EXPECT_TRUE(contains(result.err, "origin: connections are reset: Too many open files"))
      << result.err;
}

INSTANTIATE_TEST_SUITE_P(LimitsAndModels, ModelWithin,
                         testing::Combine(testing::Range(std::size_t{0}, limits().size()),
                                          testing::ValuesIn(model_names())),
                         [](const auto& each) {
                           return limits()[std::get<0>(each.param)].name + '_' +
                                  std::get<1>(each.param);
                         });

// Where memory ends depends on the system: what holds is that it always ends in errors.
ProgramResult run_within_memory(int mebibytes, const Words& arguments) {
  return run_limited({"address_space=" + std::to_string(mebibytes)},
                     arguments + Words{"--latency-scale=0"});
}

bool cannot_be_loaded(const ProgramResult& result) { return result.status == 127; }

/// Whether there was enough for bench and its origin to begin.
bool has_begun(const ProgramResult& result) { return !result.out.empty(); }

void expect_errors_told(const ProgramResult& result) {
  if (result.status != 0) {
    EXPECT_EQ(result.status, 1) << result.err;
    EXPECT_TRUE(contains(result.err, "bench: ")) << result.err;
  }
  if (contains(result.err, "bench: memory ran out in the middle of a case; ")) {
    EXPECT_TRUE(parse_strictly(result.out).contains("benchmarks"));
  } else if (!result.out.empty()) {
    expect_all_told(result);
    for (const json& row : rows_of(result)) {
      if (!failed(row)) continue;
      const std::string message = row["error_message"];
      EXPECT_TRUE(
          contains_any(message, {"allow more ", "; the server hung up", "; the server gave up"}))
          << message;
    }
  }
}

class AllModelsWithinMemory : public testing::TestWithParam<int> {};

TEST_P(AllModelsWithinMemory, EndInErrors) {
  if (sanitized) GTEST_SKIP() << "sanitizers need more of it themselves";
  const ProgramResult result =
      run_within_memory(GetParam(), {"--models=all", "--workers=4", "--workloads=io,mixed"});
  if (cannot_be_loaded(result)) GTEST_SKIP() << result.err;
  EXPECT_NE(result.status, 0);
  expect_errors_told(result);
}

INSTANTIATE_TEST_SUITE_P(Mebibytes, AllModelsWithinMemory, testing::Values(16, 24, 32, 40));

// All models in one run may end with the first that has too little: here each has its own.
class ModelWithinMemory : public testing::TestWithParam<std::string> {};

/// Of models that have much in bench itself, threads or fetches. Others need little more than it
/// needs to start, in each process.
Words models_that_need_memory() {
  Words names;
  for (const ExecutionModel& model : all_models()) {
    const bool works_in_children = model.forks && model.event_loop != EventLoop::kept_free;
    if (!works_in_children && (sends_all_at_once(model) || has_workers(model))) {
      names.push_back(model.name);
    }
  }
  return names;
}

TEST_P(ModelWithinMemory, EndsInErrors) {
  if (sanitized) GTEST_SKIP() << "sanitizers need more of it themselves";
  constexpr int too_little_for_so_many_fetches_at_once = 16;
  const ProgramResult result =
      run_within_memory(too_little_for_so_many_fetches_at_once,
                        {"--models=" + GetParam(), "--workers=8", "--fetches=120",
                         "--benchmark_filter=^io_[a-z_]+(/workers:8)?/real_time"});
  if (cannot_be_loaded(result)) GTEST_SKIP() << result.err;
  EXPECT_TRUE(has_begun(result)) << "too little to show anything of a model: " << result.err;
  EXPECT_NE(result.status, 0);
  expect_errors_told(result);
}

INSTANTIATE_TEST_SUITE_P(Models, ModelWithinMemory, testing::ValuesIn(models_that_need_memory()),
                         [](const auto& each) { return each.param; });

struct Cramped {
  std::string name;
  int mebibytes;
  Words arguments;

  friend std::ostream& operator<<(std::ostream& out, const Cramped& cramped) {
    return out << cramped.name;
  }
};

/// What programs that do so take more than others before they begin.
constexpr int mebibytes_to_count_lines = 6;

// The kernel ends the largest process: bench, its origin, or a worker. Workers that compute would
// do so for longer than the watchdog waits.
class BenchWithinMemoryOfACgroup : public testing::TestWithParam<Cramped> {};

TEST_P(BenchWithinMemoryOfACgroup, LeavesResultsAndNobodyBehind) {
  if (sanitized) GTEST_SKIP() << "sanitizers need more of it themselves";
  const TemporaryDirectory directory;
  const int mebibytes = GetParam().mebibytes + (counts_lines ? mebibytes_to_count_lines : 0);
  const ProgramResult result =
      run_limited({"memory=" + std::to_string(mebibytes)},
                  GetParam().arguments +
                      Words{"--latency-scale=0", "--benchmark_out=" + directory.file("out.json")});
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  EXPECT_TRUE(result.status == 128 + SIGKILL || result.status == 1)
      << result.status << ": " << result.err;
  const json document = parse_strictly(directory.read("out.json"));
  EXPECT_EQ(document["benchmarks"].at(0)["name"], "io_sequential/real_time");
  EXPECT_FALSE(failed(document["benchmarks"].at(0)));
}

INSTANTIATE_TEST_SUITE_P(
    Models, BenchWithinMemoryOfACgroup,
    testing::Values(
        Cramped{"many_fetches",
                20,
                {"--models=sequential,threads,async", "--fetches=1000", "--benchmark_filter=^io_"}},
        Cramped{"processes",
                12,
                {"--models=sequential,processes", "--fibonacci=50:50:1000",
                 "--benchmark_filter=^(io_sequential|cpu_processes)/"}},
        Cramped{"process_pool",
                12,
                {"--models=sequential,process_pool", "--fibonacci=50:50:1000", "--workers=1000",
                 "--benchmark_filter=^(io_sequential/|cpu_process_pool/workers:1000/)"}}),
    [](const auto& each) { return each.param.name; });

// Their loops do not work, but the origin's does: it was started before.
TEST(EventLoopThatCannotBe, FailsEachModelThatHasOneAndNoOther) {
  if (sanitized) GTEST_SKIP() << "sanitizers make calls of their own";
  const OriginProgram origin;
  const ProgramResult result =
      run_limited({"refuse=epoll_create1:EPERM"},
                  {"--origin=http://127.0.0.1:" + std::to_string(origin.http().port),
                   "--models=all", "--workers=8", "--benchmark_filter=^io_"});
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  expect_all_told(result);
  for (const json& row : rows_of(result)) {
    const std::string name = row["name"];
    const std::string model = name.substr(3, name.find('/') - 3);
    EXPECT_EQ(failed(row), model_called(model).event_loop != EventLoop::absent) << row;
    if (!failed(row)) continue;
    const std::string message = row["error_message"];
    EXPECT_TRUE(contains(message, "Operation not permitted; ")) << message;
    if (model.starts_with("event_loop_per_")) {
      EXPECT_TRUE(message.starts_with("worker ")) << message;
      EXPECT_TRUE(contains(message, " cannot work: ")) << message;
    }
  }
}

struct TooLittleToStart {
  std::string limit;
  Words says;
};

class BenchThatCannotStart : public testing::TestWithParam<TooLittleToStart> {};

TEST_P(BenchThatCannotStart, SaysWhyInOneLine) {
  if (sanitized) GTEST_SKIP() << "sanitizers need more of it themselves";
  const ProgramResult result = run_limited({GetParam().limit}, {"--benchmark_filter=^io_async/"});
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  EXPECT_EQ(result.out, "");
  expect_one_line(result, 1, GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    Limits, BenchThatCannotStart,
    testing::Values(TooLittleToStart{"descriptors=5",
                                     {"bench: cannot make a pipe: Too many open files; allow more "
                                      "open files (ulimit -Hn)"}},
                    TooLittleToStart{"processes=1",
                                     {"bench: cannot start the origin ",
                                      ": Resource temporarily unavailable; allow more processes"}},
                    TooLittleToStart{"refuse=pipe2:EPERM",
                                     {"bench: cannot make a pipe: Operation not permitted; "}}));

// The origin needs more than bench does, and says itself what it lacks.
TEST(BenchThatCannotStart, BecauseOfItsOriginPointsToWhatThatSays) {
  if (sanitized) GTEST_SKIP() << "sanitizers need descriptors themselves";
  const ProgramResult result = run_limited({"descriptors=12"}, {});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(count_lines(result.err), 2) << result.err;
  EXPECT_TRUE(contains(result.err,
                       "origin: cannot open the ports for faults on 127.0.0.1: Too "
                       "many open files; allow more open files (ulimit -Hn)\n"))
      << result.err;
  EXPECT_TRUE(contains(result.err, "it ended before it was ready; it says why on standard error"))
      << result.err;
}

const Words of_each_kind = {
    "--models=sequential,threads,processes,async,async_thread_pool,async_process_pool,"
    "event_loop_per_process",
    "--workers=2", "--workloads=io,cpu,disk", "--latency-scale=0"};

TEST(BenchWithoutProc, LeavesOutWhatOnlyThatTells) {
  if (sanitized) GTEST_SKIP() << "sanitizers read /proc themselves";
  const ProgramResult result = run_limited(
      {"no_proc"}, {"--models=all", "--workers=2", "--workloads=io,cpu,disk", "--latency-scale=0"});
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_FALSE(contains(result.err, "bench: ")) << result.err;
  const json context = parse_strictly(result.out)["context"];
  EXPECT_FALSE(context.contains("num_cpus")) << context;
  EXPECT_FALSE(context.contains("mhz_per_cpu")) << context;
  for (const json& row : rows_of(result)) {
    EXPECT_FALSE(failed(row)) << row;
    EXPECT_FALSE(row.contains("max_rss_kb")) << row;
    for (const char* const key : {"user_s", "wall_s", "vol_ctx", "minor_faults", "job_max_s"}) {
      EXPECT_TRUE(row.contains(key)) << key << ": " << row;
    }
  }
}

class BenchWithoutCall : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(BenchWithoutCall, DoesWithout) {
  if (sanitized) GTEST_SKIP() << "sanitizers make calls of their own";
  const auto& [call, error] = GetParam();
  const ProgramResult result = run_limited({"refuse=" + call + ':' + error}, of_each_kind);
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const json document = parse_strictly(result.out);
  for (const json& row : document["benchmarks"]) EXPECT_FALSE(failed(row)) << row;
  if (call == "fadvise64" || call == "mincore") {
    EXPECT_TRUE(contains(document["context"]["page_cache"].get<std::string>(), "in use"))
        << document["context"]["page_cache"];
  }
}

INSTANTIATE_TEST_SUITE_P(
    Calls, BenchWithoutCall,
    testing::Combine(testing::Values("eventfd2", "fadvise64", "madvise", "mincore", "prctl",
                                     "prlimit64", "rseq", "sched_getaffinity", "sched_setaffinity",
                                     "timerfd_create"),
                     testing::Values("EPERM", "ENOSYS")),
    [](const auto& each) { return std::get<0>(each.param) + '_' + std::get<1>(each.param); });

TEST(BenchWithoutCall, ThatTellsItsUsageFailsCasesInsteadOfTellingZeros) {
  if (sanitized) GTEST_SKIP() << "sanitizers make calls of their own";
  const ProgramResult result =
      run_limited({"refuse=getrusage:EPERM"}, {"--benchmark_filter=^cpu_sequential/"});
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  EXPECT_EQ(expect_all_told(result), 1);
  expect_one_line(result, 1, {"cpu_sequential: cannot read this process's usage: "});
}

// Without prctl no worker is told by the kernel that bench is gone: each must see for itself.
class WorkersOfAKilledBench : public testing::TestWithParam<std::string> {};

TEST_P(WorkersOfAKilledBench, LeaveEvenIfTheKernelDoesNotTellThem) {
  if (sanitized) GTEST_SKIP() << "sanitizers make calls of their own";
  // Far more work than the watchdog waits for.
  const std::string bench = std::string(CONCURRENCY_MODELS_BENCH) + " --fibonacci=40:40:1000";
  RunningProgram program({CONCURRENCY_MODELS_LIMITED, "processes=100", "refuse=prctl:EPERM", "--",
                          "/bin/sh", "-c",
                          "echo $$ && exec " + bench + " --workers=2 " + "--models=" + GetParam() +
                              " --benchmark_filter=^cpu_.*:2/"});
  std::string pid;
  try {
    pid = program.read_until("\n");
  } catch (const std::runtime_error&) {
    const ProgramResult result = program.finish();
    ASSERT_TRUE(is_not_permitted(result)) << result.err;
    GTEST_SKIP() << result.err;
  }
  pid.pop_back();
  // The origin is the first, workers come and go after it.
  ASSERT_TRUE(comes_true([&pid] { return children_of(std::stoi(pid)).size() >= 3; }));
  ASSERT_EQ(::kill(std::stoi(pid), SIGKILL), 0);
  EXPECT_EQ(program.finish().status, 128 + SIGKILL);
}

INSTANTIATE_TEST_SUITE_P(Models, WorkersOfAKilledBench,
                         testing::Values("process_pool", "async_process_pool",
                                         "event_loop_per_process"));

class BenchInADirectory : public testing::Test {
 protected:
  TemporaryDirectory directory;
  const std::string out = directory.file("out.json");
  const std::string full = "disk=" + directory.file("") + ":16";
  const std::string read_only = "read_only=" + directory.file("");
};

TEST_F(BenchInADirectory, ThatIsFullKeepsWhatItCanAndSaysSo) {
  if (counts_lines) GTEST_SKIP() << "it writes what it counts";
  const ProgramResult result =
      run_limited({full}, {"--models=all", "--workloads=cpu", "--benchmark_out=" + out});
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  expect_one_line(result, 1,
                  {"bench: --benchmark_out: '" + out +
                   "': cannot be written: No space left on device; make room, or write it "
                   "elsewhere"});
  for (const json& row : rows_of(result)) {
    EXPECT_FALSE(failed(row)) << row;
  }
}

TEST_F(BenchInADirectory, ThatIsFullForATraceKeepsTheFigures) {
  if (counts_lines) GTEST_SKIP() << "it writes what it counts";
  const ProgramResult result =
      run_limited({full}, {"--models=all", "--workloads=cpu", "--trace=" + out});
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  expect_one_line(result, 1,
                  {"bench: --trace: '" + out + "': cannot be written: No space left on device"});
  EXPECT_FALSE(rows_of(result).empty());
}

TEST_F(BenchInADirectory, ThatIsFullForFilesToReadSaysSo) {
  const ProgramResult result = run_limited(
      {full}, {"--workloads=disk", "--file-size=100000", "--disk-directory=" + directory.file("")});
  if (is_not_permitted(result)) GTEST_SKIP() << result.err;
  expect_one_line(result, 1,
                  {"bench: cannot write ",
                   "No space left on device; choose another "
                   "--disk-directory, or fewer --files"});
}

TEST_F(BenchInADirectory, ThatIsReadOnlyRefusesBeforeAnythingRuns) {
  for (const std::string option : {"--benchmark_out", "--trace"}) {
    const ProgramResult result = run_limited({read_only}, {option + '=' + out});
    if (is_not_permitted(result)) GTEST_SKIP() << result.err;
    EXPECT_EQ(result.out, "");
    expect_one_line(result, 2,
                    {"bench: " + option + ": '" + out +
                     "': cannot be written: Read-only file "
                     "system; name a file that can be"});
  }
  const ProgramResult result =
      run_limited({read_only}, {"--workloads=disk", "--disk-directory=" + directory.file("")});
  EXPECT_EQ(result.out, "");
  expect_one_line(result, 2,
                  {"bench: --disk-directory: ",
                   "must be a directory that can be "
                   "written to"});
}

TEST(BenchOnOneProcessor, RunsAllModelsWithOneWorker) {
  const ProgramResult result = run_limited(
      {"processors=1"}, {"--models=all", "--workers=1", "--fetches=10", "--latency-scale=0"});
  EXPECT_EQ(expect_all_told(result), 0) << result.err;
  const json document = parse_strictly(result.out);
  EXPECT_EQ(document["context"]["usable_cores"], 1) << document["context"];
}

TEST(BenchOnOneProcessor, RunsPoolsOfAThousandWorkers) {
  if (sanitized) GTEST_SKIP() << "a thousand processes of a sanitizer take gigabytes";
  const ProgramResult result = run_limited(
      {"processors=1"}, {"--models=all", "--workers=1000", "--benchmark_filter=^cpu_.*:1000/"});
  EXPECT_EQ(expect_all_told(result), 0) << result.err;
  for (const json& row : rows_of(result)) {
    EXPECT_EQ(row["processes"].get<double>() + row["threads"].get<double>(), 1000) << row;
  }
}

TEST(BenchOnOneProcessor, RunsAThousandJobsWithAWorkerEach) {
  if (sanitized) GTEST_SKIP() << "a thousand processes of a sanitizer take gigabytes";
  const ProgramResult result =
      run_limited({"processors=1"}, {"--models=threads,processes,std_async,gil_threads",
                                     "--scheme=http", "--fetches=1000", "--benchmark_filter=^io_"});
  EXPECT_EQ(expect_all_told(result), 0) << result.err;
  for (const json& row : rows_of(result)) {
    EXPECT_EQ(row["processes"].get<double>() + row["threads"].get<double>(), 1000) << row;
  }
}

}  // namespace
}  // namespace concurrency_models
