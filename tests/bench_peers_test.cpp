// bench_peers: that peers are there with what they are for, work, and fail as models do; how long
// they take is not asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "concurrency_models/standard_workloads.h"
#include "peers/in_child.h"
#include "support/leftovers.h"
#include "support/run_program.h"
#include "support/strict_json.h"
#include "support/test_origin.h"

namespace concurrency_models {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// In CMake's words: LIBCURL, TBB ...
bool was_built_with(const std::string& library) {
  std::istringstream all(CONCURRENCY_MODELS_PEERS);
  for (std::string each; std::getline(all, each, ',');) {
    if (each == library) return true;
  }
  return false;
}

RunReport run_in_child(void (*body)(JobRun& jobs)) {
  const ExecutionModel inner{.name = "inner",
                             .default_workers = {},
                             .run =
                                 [body](JobRun& jobs, unsigned workers) {
                                   body(jobs);
                                   return WorkersUsed{
                                       .processes = 0, .threads = workers, .children = {}};
                                 },
                             .workloads = {"cpu"}};
  const ExecutionModel model = bench::peers::in_child(inner);
  EXPECT_EQ(model.name, inner.name);
  EXPECT_EQ(model.workloads, inner.workloads);
  EXPECT_TRUE(model.forks);
  return run(model, scaled_workload("cpu", {}, 3), test_client(), 7);
}

TEST(InChild, TellsWhatTheChildUsed) {
  static_cast<void>(test_origin());  // which is no leftover
  const Leftovers before = count_leftovers();
  const RunReport report = run_in_child([](JobRun& jobs) {
    const std::vector<char> much(std::size_t{32} << 20, 'x');
    for (std::size_t job = 0; job < jobs.size(); ++job) jobs.run(job, much[job] == 'x' ? 1 : 0);
  });
  for (const JobRecord& record : report.records) {
    EXPECT_FALSE(record.error) << record.error.text();
    EXPECT_EQ(record.worker, 1U);
  }
  EXPECT_EQ(report.used.processes, 1U);
  EXPECT_EQ(report.used.threads, 7U);
  EXPECT_GE(report.used.children.max_rss_kb, 32 << 10);
#ifdef __linux__
  EXPECT_GE(report.used.rss_growth_kb.value_or(0), 31 << 10);
  EXPECT_LE(report.used.rss_growth_kb.value_or(0), 48 << 10);
#endif
  EXPECT_EQ(count_leftovers_since(before), before);
}

TEST(InChild, AModelThatCannotWorkSaysWhy) {
  try {
    static_cast<void>(run_in_child([](JobRun&) { throw std::runtime_error("no more of it"); }));
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "inner: no more of it");
  }
}

TEST(InChild, AKilledChildFailsTheJobsThatItHadNotDone) {
  const RunReport report = run_in_child([](JobRun& jobs) {
    jobs.run(1);
    std::raise(SIGKILL);
  });
  EXPECT_FALSE(report.records[1].error);
  for (const std::size_t job : {0U, 2U}) {
    EXPECT_EQ(report.records[job].error.stage, Stage::work);
    EXPECT_THAT(report.records[job].error.text(), HasSubstr("SIGKILL"));
  }
}

ProgramResult run_peers(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CONCURRENCY_MODELS_BENCH_PEERS);
  return run_program(std::move(arguments));
}

TEST(BenchPeers, HasTheModelsAndEachPeerWithItsWorkload) {
  const auto cases = [](const std::string& connection) {
    return run_peers({"--workers=2", "--connection", connection, "--benchmark_list_tests"}).out;
  };
  const std::string fresh = cases("fresh");
  EXPECT_THAT(fresh, AllOf(HasSubstr("io_async/"), HasSubstr("cpu_std_async/"),
                           Not(HasSubstr("io_std_async/"))));
  EXPECT_EQ(fresh.find("cpu_tbb/workers:2/") != std::string::npos, was_built_with("TBB"));
  EXPECT_EQ(fresh.find("cpu_openmp/workers:2/") != std::string::npos, was_built_with("OPENMP"));
  EXPECT_EQ(fresh.find("cpu_parallel_for_each/workers:2/") != std::string::npos,
            was_built_with("PARALLEL_FOR_EACH"));
  EXPECT_EQ(fresh.find("io_libcurl_multi/") != std::string::npos, was_built_with("LIBCURL"));
  EXPECT_THAT(fresh, AllOf(Not(HasSubstr("cpu_libcurl_multi")), Not(HasSubstr("io_tbb"))));
  // Nothing could be warmed up for it.
  EXPECT_THAT(cases("resumed"), AllOf(HasSubstr("io_async/"), Not(HasSubstr("libcurl_multi"))));
  const std::string help = run_peers({"--help"}).out;
  EXPECT_THAT(help, HasSubstr("own models: "));
  EXPECT_EQ(help.find("No --connection but fresh for libcurl_multi") != std::string::npos,
            was_built_with("LIBCURL"));
}

TEST(BenchPeers, LibcurlTakesNoMoreConnectionsThanAreInFlight) {
  if (!was_built_with("LIBCURL")) GTEST_SKIP() << "without libcurl";
  const ProgramResult result =
      run_program({"/bin/sh", "-c",
                   "ulimit -n 200; exec \"$0\" --models=libcurl_multi --workloads=io --jobs=20,400 "
                   "--in-flight=20 --latency=0 --efficiency=false --benchmark_filter=jobs: "
                   "--benchmark_min_time=0 --benchmark_format=json",
                   CONCURRENCY_MODELS_BENCH_PEERS});
  EXPECT_EQ(result.status, 0) << result.err;
}

TEST(BenchPeers, RunsThemInAProcessOfTheirOwn) {
  const ProgramResult result = run_peers(
      {"--benchmark_filter=_(libcurl_multi|tbb|openmp|parallel_for_each|std_async)/",
       "--workloads=io,cpu", "--workers=3", "--jobs=40", "--in-flight=4", "--fibonacci=5:8:2",
       "--latency=0", "--efficiency=false", "--benchmark_min_time=0", "--benchmark_format=json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const json document = parse_strictly(result.out);
  for (const json& row : document["benchmarks"]) {
    if (row["run_type"] == "aggregate") continue;
    const std::string name = row["name"];
    SCOPED_TRACE(name);
    EXPECT_FALSE(row.contains("error_message")) << row;
    if (name.find("std_async") != std::string::npos) continue;
    EXPECT_EQ(row["processes"], 1);
    if (name.find("workers:3") != std::string::npos) {
      EXPECT_EQ(row["threads"], 2);
    }
    EXPECT_EQ(row.contains("origin_cpu_s"), name.starts_with("io_"));
#ifdef __linux__
    EXPECT_EQ(row.contains("rss_per_job_kb"), name.find("jobs:") != std::string::npos);
#endif
  }
}

TEST(BenchPeers, LibcurlFailsWhereTheClientFails) {
  if (!was_built_with("LIBCURL")) GTEST_SKIP() << "without libcurl";
  RunningProgram bench({CONCURRENCY_MODELS_BENCH_PEERS, "--pass-per-line", "--models=libcurl_multi",
                        "--workloads=io", "--fetches=10", "--latency=0", "--deadline=1",
                        "--efficiency=false", "--benchmark_min_time=0", "--benchmark_format=json"});
  const auto expect_failure = [&bench](const std::string& faults, const std::string& failure) {
    bench.send_input(faults + '\n');
    const std::string end = "\n}\n";
    const json document = parse_strictly(bench.read_until(end));
    const json& row = document["benchmarks"].at(0);
    EXPECT_THAT(row.value("error_message", "none"), HasSubstr(failure)) << faults;
  };
  expect_failure("", "none");
  expect_failure("refuse", "connect: Connection refused; is the server running?");
  expect_failure("stall_in_handshake", "TLS handshake: no complete answer within the deadline");
  expect_failure("certificate_expired",
                 "TLS handshake: the server's certificate: certificate has expired");
  expect_failure("certificate_for_another_name", "TLS handshake: the server's certificate");
  expect_failure("tls_1_1_only", "TLS handshake: libcurl: SSL connect error");
  expect_failure("status_500", "response header: the server answered 500");
  expect_failure("redirect", "response header: the server answered 302");
  expect_failure("stall_in_body", "response body: no complete answer within the deadline");
  expect_failure("wrong_content", "response body: the body is not what the origin was asked for");
  expect_failure("body_shorter_than_asked", "response body: the body is not as long");
  expect_failure("close_in_body", "response body: the connection was closed in the middle");
  expect_failure("wrong_content,status_404", "(and 1 more of 10 jobs)");
  bench.close_input();
  EXPECT_EQ(bench.finish().status, 1);
}

}  // namespace
}  // namespace concurrency_models
