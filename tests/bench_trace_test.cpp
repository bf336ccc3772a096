// Timelines of the cases that bench ran.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/run_program.h"
#include "support/strict_json.h"
#include "support/temporary_directory.h"
#include "support/test_origin.h"

namespace concurrency_models {
namespace {

using nlohmann::json;

class BenchTrace : public testing::Test {
 protected:
  [[nodiscard]] std::string file() const { return directory_.file("trace.json"); }

  [[nodiscard]] ProgramResult run(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"--fibonacci=15:17:1", "--latency-scale=0.1",
                                          "--benchmark_min_time=0", "--workers=2",
                                          "--trace=" + file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_bench(arguments);
  }

  /// The events of the only case.
  [[nodiscard]] std::vector<json> events_of(const std::string& model,
                                            const std::string& workload) const {
    const ProgramResult result = run({"--models=" + model, "--workloads=" + workload,
                                      "--benchmark_filter=^[a-z_]+(/workers:2)?/real"});
    EXPECT_EQ(result.status, 0) << result.err;
    return parse_strictly(directory_.read("trace.json"))["traceEvents"];
  }

  TemporaryDirectory directory_;
};

std::size_t count(const std::vector<json>& events, const std::string& phase,
                  const std::string& category) {
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [&](const json& event) {
        return event["ph"] == phase && event.value("cat", "") == category;
      }));
}

std::set<std::string> names(const std::vector<json>& events, const std::string& what) {
  std::set<std::string> all;
  for (const json& event : events) {
    if (event["ph"] == "M" && event["name"] == what) all.insert(event["args"]["name"]);
  }
  return all;
}

/// A thread does one thing at a time.
void expect_no_overlap(const std::vector<json>& events) {
  std::map<int, std::vector<std::pair<double, double>>> slices;
  for (const json& event : events) {
    if (event["ph"] != "X") continue;
    const double from = event["ts"];
    EXPECT_GE(from, 0);
    EXPECT_GE(event["dur"], 0.0);
    slices[event["tid"]].emplace_back(from, from + event["dur"].get<double>());
  }
  constexpr double rounding_us = 0.01;
  for (auto& [thread, all] : slices) {
    std::sort(all.begin(), all.end());
    for (std::size_t i = 1; i < all.size(); ++i) {
      EXPECT_GE(all[i].first, all[i - 1].second - rounding_us) << "thread " << thread;
    }
  }
}

TEST_F(BenchTrace, OfThreadsTellsWaitingFromWorking) {
  const std::vector<json> events = events_of("thread_pool", "mixed");
  EXPECT_EQ(count(events, "X", "waiting"), 10U);
  EXPECT_EQ(count(events, "X", "working"), 10U);
  EXPECT_EQ(names(events, "process_name"), (std::set<std::string>{"mixed_thread_pool/workers:2"}));
  EXPECT_EQ(names(events, "thread_name"), (std::set<std::string>{"worker 0", "worker 1"}));
  expect_no_overlap(events);
}

TEST_F(BenchTrace, OfAnEventLoopHasRequestsThatOverlap) {
  const std::vector<json> events = events_of("async", "mixed");
  EXPECT_EQ(count(events, "b", "waiting"), 10U);
  EXPECT_EQ(count(events, "e", "waiting"), 10U);
  EXPECT_EQ(count(events, "X", "working"), 10U);
  EXPECT_EQ(names(events, "thread_name"), (std::set<std::string>{"event loop"}));
  std::set<std::string> ids;
  for (const json& event : events) {
    if (event["ph"] == "b") ids.insert(event["id"]);
  }
  EXPECT_EQ(ids.size(), 10U);
  expect_no_overlap(events);
}

TEST_F(BenchTrace, KeepsTheLoopApartFromItsWorkers) {
  const std::vector<json> events = events_of("async_thread_pool", "mixed");
  EXPECT_TRUE(names(events, "thread_name").contains("event loop"));
  for (const json& event : events) {
    if (event["ph"] == "b") {
      EXPECT_EQ(event["tid"], 0);
    } else if (event["ph"] == "X") {
      EXPECT_GE(event["tid"], 1);
    }
  }
  expect_no_overlap(events);
}

TEST_F(BenchTrace, OfSeveralLoopsHasOneThreadForEach) {
  const std::vector<json> events = events_of("event_loop_per_thread", "io");
  for (const std::string& name : names(events, "thread_name")) {
    EXPECT_TRUE(name == "event loop 0" || name == "event loop 1") << name;
  }
  EXPECT_EQ(count(events, "b", "waiting"), 30U);
}

TEST_F(BenchTrace, HoldsEachCaseOnceHoweverOftenItRan) {
  const ProgramResult result =
      run({"--benchmark_filter=cpu_(sequential|processes)", "--benchmark_repetitions=3"});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::vector<json> events = parse_strictly(directory_.read("trace.json"))["traceEvents"];
  EXPECT_EQ(names(events, "process_name"),
            (std::set<std::string>{"cpu_sequential", "cpu_processes"}));
  EXPECT_EQ(count(events, "X", "working"), 2U * 3);
  EXPECT_EQ(names(events, "thread_name"),
            (std::set<std::string>{"main thread", "worker 0", "worker 1", "worker 2"}));
}

TEST_F(BenchTrace, TellsWhatAJobWasAndWhyItFailed) {
  const std::string url = "http://127.0.0.1:" + std::to_string(refused_fetch().endpoint.port) + '/';
  const std::string urls = directory_.write("urls", url + '\n');
  const ProgramResult result = run_bench({"--urls=" + urls, "--benchmark_filter=io_sequential",
                                          "--benchmark_min_time=0", "--trace=" + file()});
  EXPECT_EQ(result.status, 1);
  const json document = parse_strictly(directory_.read("trace.json"));
  const json& first = document["traceEvents"].at(0);
  EXPECT_EQ(first["args"]["job"], 0);
  EXPECT_EQ(first["args"]["what"], url);
  EXPECT_EQ(first["args"]["error"], "connect: Connection refused");
}

TEST_F(BenchTrace, MustBeWritable) {
  const ProgramResult result =
      run_bench({"--trace=" + directory_.file("no/trace.json"), "--benchmark_filter=cpu_"});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err.find("bench: --trace: '"), 0U) << result.err;
  EXPECT_EQ(result.out, "");
}

TEST_F(BenchTrace, ThatCannotBeWrittenIsAFailure) {
  const ProgramResult result = run_bench({"--trace=/dev/full", "--benchmark_filter=cpu_sequential",
                                          "--fibonacci=5:6:1", "--benchmark_min_time=0"});
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.err.find("bench: --trace: '/dev/full': cannot be written: No space left"),
            std::string::npos)
      << result.err;
}

}  // namespace
}  // namespace concurrency_models
