// bench against an origin that is told to misbehave.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "support/children_of.h"
#include "support/origin_program.h"
#include "support/run_program.h"
#include "support/running_program.h"
#include "support/strict_json.h"
#include "support/temporary_directory.h"

namespace concurrency_models {
namespace {

using nlohmann::json;

ProgramResult run_quickly(std::vector<std::string> arguments) {
  for (const char* const argument : {"--fibonacci", "5:8:1", "--latency-scale", "0",
                                     "--benchmark_min_time=0", "--benchmark_format=json"}) {
    arguments.emplace_back(argument);
  }
  return run_bench(arguments);
}

std::string text_of(const json& row, const std::string& key) {
  return row.contains(key) ? row[key].get<std::string>() : "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(BenchFault, ACaseAfterAFaultyOneIsAsIfNothingHadHappened) {
  const std::vector<std::string> all = {"--models",           "all",         "--workers", "2",
                                        "--benchmark_filter", "^(io|mixed)_"};
  std::vector<std::string> faulty = all;
  const std::string faults = "reset_in_body,certificate_expired,endless_header";
  for (const std::string& argument :
       {std::string("--fault"), faults, std::string("--fault-in=io")}) {
    faulty.push_back(argument);
  }
  const ProgramResult good_run = run_quickly(all);
  const ProgramResult faulty_run = run_quickly(faulty);
  ASSERT_EQ(good_run.status, 0) << good_run.err;
  ASSERT_EQ(faulty_run.status, 1) << faulty_run.err;
  const json good = parse_strictly(good_run.out);
  const json document = parse_strictly(faulty_run.out);
  EXPECT_EQ(document["context"]["faults"], faults);
  EXPECT_EQ(document["context"]["faulty_workloads"], "io");
  EXPECT_FALSE(good["context"].contains("faults"));
  const json& rows = document["benchmarks"];
  ASSERT_EQ(rows.size(), good["benchmarks"].size());
  long failed = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const json& row = rows[i];
    const std::string name = row["name"];
    SCOPED_TRACE(name);
    if (name.starts_with("io_")) {
      ++failed;
      EXPECT_EQ(row.value("error_occurred", false), true);
      const std::string message = text_of(row, "error_message");
      EXPECT_TRUE(contains(message, "job 0: https://host01.origin.test:")) << message;
      EXPECT_TRUE(contains(message, "fault=reset_in_body: response body: Connection reset by peer"))
          << message;
      EXPECT_TRUE(contains(message, "(and 8 more of 30 jobs)")) << message;
    } else {
      EXPECT_FALSE(row.contains("error_occurred")) << text_of(row, "error_message");
      for (const char* const key : {"processes", "threads"}) {
        EXPECT_EQ(row[key], good["benchmarks"][i][key]) << key;
      }
    }
  }
  EXPECT_GT(failed, 10);
  EXPECT_EQ(std::count(faulty_run.err.begin(), faulty_run.err.end(), '\n'), failed)
      << faulty_run.err;
}

TEST(BenchFault, AStallEndsWithTheDeadline) {
  const ProgramResult result =
      run_quickly({"--fault", "stall_in_body", "--fault-in", "io", "--deadline", "2",
                   "--benchmark_filter=^(io|mixed)_(async|threads|processes)/"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 3) << result.err;
  const json document = parse_strictly(result.out);
  for (const json& row : document["benchmarks"]) {
    const std::string name = row["name"];
    const std::string message = text_of(row, "error_message");
    if (name.starts_with("io_")) {
      EXPECT_TRUE(contains(message,
                           "response body: no complete answer within the deadline (and 2 "
                           "more of 30 jobs); check the server, or raise --deadline"))
          << name << ": " << message;
    } else {
      EXPECT_EQ(message, "") << name;
    }
  }
}

#if defined(__linux__)

// With ten minutes of patience it would reset what is to end with a longer deadline.
TEST(BenchFault, TheOriginIsMorePatientThanTheDeadline) {
  RunningProgram bench({CONCURRENCY_MODELS_BENCH, "--pass-per-line", "--deadline", "3600",
                        "--benchmark_format=json", "--benchmark_filter=^cpu_sequential/"});
  bench.send_input("\n");
  static_cast<void>(bench.read_until("\"benchmarks\""));
  const std::vector<pid_t> children = children_of(bench.pid());
  ASSERT_EQ(children.size(), 1U);
  std::ifstream in("/proc/" + std::to_string(children.front()) + "/cmdline");
  std::string word;
  while (std::getline(in, word, '\0') && word != "--answer-timeout") {
  }
  ASSERT_TRUE(std::getline(in, word, '\0'));
  EXPECT_GT(std::stod(word), 3600);
  bench.close_input();
  EXPECT_EQ(bench.finish().status, 0);
}

#endif

TEST(BenchFault, AskedOfAnOriginStartedByHandTooAndOverHttp) {
  const OriginProgram origin;
  const TemporaryDirectory directory;
  const std::string ca = directory.write("ca.pem", origin.ca_pem());
  const std::string http = "http://127.0.0.1:" + std::to_string(origin.http().port);
  const std::string https = "https://localhost:" + std::to_string(origin.https().port);
  for (const auto& source : {std::vector<std::string>{"--origin", http},
                             std::vector<std::string>{"--origin", https, "--ca", ca}}) {
    for (const auto& [fault, says] :
         {std::pair<std::string, std::string>{"refuse", "connect: Connection refused"},
          {"wrong_content", "response body: the body is not what the origin was asked for"},
          {"status_500", "response header: the server answered 500 Internal Server Error"}}) {
      std::vector<std::string> arguments = source;
      for (const std::string& argument :
           {std::string("--fault"), fault, std::string("--benchmark_filter=^io_async/")}) {
        arguments.push_back(argument);
      }
      const ProgramResult result = run_quickly(arguments);
      EXPECT_EQ(result.status, 1);
      EXPECT_TRUE(contains(result.err, says)) << result.err;
      EXPECT_TRUE(contains(result.err, "(and 2 more of 30 jobs)")) << result.err;
    }
  }
}

TEST(BenchFault, OneThatDoesNoHarmFailsNoCase) {
  const ProgramResult result =
      run_quickly({"--fault", "no_close_notify,unknown_length,body_longer_than_announced",
                   "--benchmark_filter=^(io|mixed|blocking)_async/"});
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(parse_strictly(result.out)["context"]["faulty_workloads"],
            "io,cpu,mixed,blocking,disk,convoy");
}

void expect_usage_error(const std::vector<std::string>& arguments,
                        const std::vector<std::string>& parts) {
  const ProgramResult result = run_bench(arguments);
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  for (const std::string& part : parts) EXPECT_TRUE(contains(result.err, part)) << result.err;
}

TEST(BenchFault, RefusesWhatCannotBe) {
  expect_usage_error({"--fault", "nonsense"}, {"--fault: 'nonsense'", "origin --help"});
  expect_usage_error({"--fault", "refuse,"}, {"--fault: 'refuse,'", "names with commas"});
  expect_usage_error({"--fault",
                      "refuse,refuse,refuse,refuse,refuse,refuse,refuse,refuse,refuse,"
                      "refuse,refuse"},
                     {"--fault", "10 at most"});
  expect_usage_error({"--fault", "no_tls", "--scheme", "http"}, {"--fault: 'no_tls'", "https"});
  expect_usage_error({"--fault", "no_tls", "--origin", "http://127.0.0.1:1"}, {"--fault", "https"});
  expect_usage_error({"--fault-in", "io"}, {"--fault-in", "--fault"});
  expect_usage_error({"--fault", "refuse", "--fault-in", "nowhere"}, {"--fault-in: 'nowhere'"});
  const TemporaryDirectory directory;
  const std::string urls = directory.write("urls.txt", "http://127.0.0.1:1/\n");
  expect_usage_error({"--urls", urls, "--fault", "refuse"}, {"--urls and --fault"});
}

constexpr const char* end_of_document = "\n}\n";

TEST(BenchFault, EachLineOfInputIsAPassWithItsFaults) {
  RunningProgram bench({CONCURRENCY_MODELS_BENCH, "--pass-per-line", "--fault-in", "io,mixed",
                        "--latency-scale", "0", "--benchmark_min_time=0", "--benchmark_format=json",
                        "--benchmark_filter=^(io|blocking)_async/"});
  const std::vector<std::pair<std::string, std::string>> passes = {
      {"", ""},
      {"status_500", "(and 2 more of 30 jobs)"},
      {"", ""},
      {"refuse,certificate_expired", "(and 5 more of 30 jobs)"},
      {"", ""}};
  for (const auto& [line, failed] : passes) {
    SCOPED_TRACE(line);
    bench.send_input(line + "\n");
    const json document = parse_strictly(bench.read_until(end_of_document));
    EXPECT_EQ(document["context"].value("faults", ""), line);
    ASSERT_EQ(document["benchmarks"].size(), 2U);
    const std::string io = text_of(document["benchmarks"][0], "error_message");
    EXPECT_EQ(text_of(document["benchmarks"][1], "error_message"), "") << "the blocking workload";
    EXPECT_EQ(io.empty(), failed.empty()) << io;
    EXPECT_TRUE(contains(io, failed)) << io;
  }
  bench.close_input();
  const ProgramResult result = bench.finish();
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

TEST(BenchFault, ALineThatCannotBeDoneEndsTheRun) {
  for (const auto& [line, scheme, says] :
       {std::tuple<std::string, std::string, std::string>{"nonsense", "https", "no fault nonsense"},
        {"no_tls", "http", "fetch over https"}}) {
    RunningProgram bench({CONCURRENCY_MODELS_BENCH, "--pass-per-line", "--scheme", scheme,
                          "--latency-scale", "0", "--benchmark_min_time=0",
                          "--benchmark_filter=^io_async/", "--benchmark_format=json"});
    bench.send_input("\n" + line + "\n");
    const ProgramResult result = bench.finish();
    EXPECT_EQ(result.status, 2);
    EXPECT_TRUE(contains(result.out, "io_async")) << result.out;
    EXPECT_TRUE(contains(result.err, "bench: standard input, line 2: '" + line)) << result.err;
    EXPECT_TRUE(contains(result.err, says)) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  }
}

TEST(BenchFault, PassesWithoutNumberExcludeWhatWouldGrowWithThem) {
  const TemporaryDirectory directory;
  const std::string urls = directory.write("urls.txt", "http://127.0.0.1:1/\n");
  for (const auto& [option, value] : {std::pair<std::string, std::string>{"--fault", "refuse"},
                                      {"--benchmark_out", directory.file("out.json")},
                                      {"--trace", directory.file("trace.json")},
                                      {"--urls", urls}}) {
    expect_usage_error({"--pass-per-line", option, value},
                       {"--pass-per-line", option, "exclude each other"});
  }
}

TEST(BenchFault, HelpSaysWhereTheFaultsAreListed) {
  const ProgramResult help = run_bench({"--help"});
  EXPECT_TRUE(contains(help.out, "--fault NAME,..."));
  EXPECT_TRUE(contains(help.out, "--fault-in"));
  EXPECT_TRUE(contains(help.out, "origin --help"));
}

}  // namespace
}  // namespace concurrency_models
