// What bench writes, in each format and however the run ends, and the statuses it ends with.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "concurrency_models/cores.h"
#include "concurrency_models/origin_process.h"
#include "support/core_files.h"
#include "support/run_program.h"
#include "support/sanitizers.h"
#include "support/scripted_server.h"
#include "support/strict_json.h"
#include "support/temporary_directory.h"
#include "support/test_origin.h"

namespace concurrency_models {
namespace {

using nlohmann::json;

std::vector<std::string> quick_and(std::vector<std::string> arguments) {
  for (const char* const argument :
       {"--fibonacci", "5:8:1", "--latency-scale", "0", "--benchmark_min_time=0"}) {
    arguments.emplace_back(argument);
  }
  return arguments;
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Where nobody listens.
std::string dead_url() { return "http://127.0.0.1:" + std::to_string(refused_fetch().url.port); }

/// The only line of standard error.
void expect_one_line(const ProgramResult& result, const std::vector<std::string>& parts) {
  EXPECT_EQ(lines_of(result.err), 1U) << result.err;
  EXPECT_TRUE(result.err.starts_with("bench: ")) << result.err;
  for (const std::string& part : parts) EXPECT_TRUE(contains(result.err, part)) << result.err;
}

json run_json(std::vector<std::string> arguments, int expected_status = 0) {
  arguments.emplace_back("--benchmark_format=json");
  const ProgramResult result = run_bench(arguments);
  EXPECT_EQ(result.status, expected_status) << result.err;
  if (expected_status == 0) {
    EXPECT_EQ(result.err, "");
  }
  return parse_strictly(result.out);
}

TEST(BenchJson, HoldsEveryCounterThatHasAMeaning) {
  const json document = run_json(quick_and({"--benchmark_filter=_(sequential|async)/"}));
  std::set<std::string> everywhere = {"user_s",    "sys_s",     "wall_s",       "cpu_pct",
                                      "vol_ctx",   "invol_ctx", "minor_faults", "major_faults",
                                      "processes", "threads",   "job_p50_s",    "job_p99_s",
                                      "job_max_s", "ideal_s",   "efficiency"};
#ifdef __linux__
  everywhere.insert("max_rss_kb");
#endif
  ASSERT_EQ(document["benchmarks"].size(), 12U);
  for (const json& row : document["benchmarks"]) {
    const std::string name = row["name"];
    for (const std::string& key : everywhere) {
      EXPECT_TRUE(row.contains(key) && row[key].is_number()) << name << ' ' << key;
    }
    const bool loop = contains(name, "_async");
    EXPECT_EQ(row.contains("loop_blocked_s"), loop) << name;
    EXPECT_EQ(row.contains("loop_blocked_max_s"), loop) << name;
    EXPECT_EQ(row.contains("origin_cpu_s"), !name.starts_with("cpu_")) << name;
    const double cpu_s = row["user_s"].get<double>() + row["sys_s"].get<double>();
    EXPECT_NEAR(row["cpu_pct"].get<double>(), 100 * cpu_s / row["wall_s"].get<double>(), 1e-6);
    EXPECT_NEAR(row["efficiency"].get<double>(),
                row["ideal_s"].get<double>() / row["wall_s"].get<double>(), 1e-6);
    EXPECT_EQ(row["time_unit"], "ms");
  }
}

TEST(BenchJson, TellsWhatFetchesReused) {
  for (const std::string mode : {"fresh", "resumed", "keepalive"}) {
    const json document = run_json(
        quick_and({"--benchmark_filter=^(io|cpu)_(sequential|async)/", "--connection", mode}));
    EXPECT_EQ(document["context"]["connection"], mode);
    ASSERT_EQ(document["benchmarks"].size(), 4U);
    for (const json& row : document["benchmarks"]) {
      const bool reuses = mode != "fresh" && row["name"].get<std::string>().starts_with("io_");
      EXPECT_EQ(row.contains("reused"), reuses) << row["name"];
      EXPECT_EQ(row.value("reused", 1.0), 1.0) << row["name"];
      EXPECT_TRUE(row.contains("ideal_s")) << row["name"];
    }
  }
}

TEST(BenchJson, HasNoIdealWhereItIsUnwantedOrUnknown) {
  const TemporaryDirectory directory;
  const std::string url = "http://127.0.0.1:" + std::to_string(test_origin().http_port());
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--efficiency=false", "--benchmark_filter=cpu_sequential"},
        {"--workloads", "disk", "--files=1", "--file-size=1", "--benchmark_filter=_async/"},
        {"--urls", directory.write("urls.txt", url + "/?bytes=1"), "--fibonacci", "5:5:1",
         "--benchmark_min_time=0", "--benchmark_filter=io_async/"}}) {
    const bool real = arguments.front() == "--urls";
    const json row = run_json(real ? arguments : quick_and(arguments))["benchmarks"].at(0);
    EXPECT_FALSE(row.contains("ideal_s") || row.contains("efficiency")) << row;
  }
}

TEST(BenchJson, SaysWhatTheFiguresDependOn) {
  const json context =
      run_json(quick_and({"--benchmark_filter=cpu_sequential", "--benchmark_context=who=me",
                          "--in-flight=7"}))["context"];
  for (const char* const key :
       {"date", "host_name", "executable", "num_cpus", "mhz_per_cpu", "caches", "load_avg",
        "library_build_type", "compiler", "build_type", "boost_version", "openssl_version",
        "google_benchmark_version", "kernel", "tls_version", "tls_key_exchange", "tls_key_type"}) {
    EXPECT_TRUE(context.contains(key)) << key;
  }
  EXPECT_EQ(context["schema_version"], "1");
  EXPECT_EQ(context["usable_cores"], available_cores());
  EXPECT_EQ(context.value("cpu_model", ""), cpu_model());
  EXPECT_EQ(context["scheme"], "https");
  EXPECT_EQ(context["fetches"], 30);
  EXPECT_EQ(context["fibonacci"], "5:8:1");
  EXPECT_EQ(context["latency_scale"], 0.0);
  EXPECT_EQ(context["in_flight"], 7);
  EXPECT_EQ(context["deadline_s"], 30.0);
  EXPECT_EQ(context["tls_version"], "TLSv1.3");
  EXPECT_EQ(context["tls_key_exchange"], "X25519");
  EXPECT_EQ(context["who"], "me");
}

TEST(BenchJson, SaysWhatEachModelIs) {
  const json context = run_json(quick_and({"--benchmark_filter=cpu_sequential", "--models",
                                           "sequential,threads,async,"
                                           "async_thread_pool"}))["context"];
  const json expected = {
      {"sequential", {{"workers", "none"}, {"event_loop", "absent"}}},
      {"threads", {{"workers", "per_job"}, {"event_loop", "absent"}}},
      {"async", {{"workers", "none"}, {"event_loop", "stalled"}}},
      {"async_thread_pool", {{"workers", "bounded"}, {"event_loop", "kept_free"}}}};
  EXPECT_EQ(context["execution_models"], expected);
}

TEST(BenchJson, KnowsNoTlsWhereThereIsNone) {
  const json context =
      run_json(quick_and({"--scheme", "http", "--benchmark_filter=io_sequential"}))["context"];
  EXPECT_EQ(context["scheme"], "http");
  EXPECT_FALSE(context.contains("tls_version"));
}

TEST(BenchJson, OfRepetitionsHasNoNumberThatIsNone) {
  const json document =
      run_json(quick_and({"--benchmark_filter=cpu_sequential", "--benchmark_repetitions=3"}));
  std::vector<std::string> aggregates;
  for (const json& row : document["benchmarks"]) {
    if (row["run_type"] != "aggregate") continue;
    aggregates.push_back(row["aggregate_name"]);
    // The variation of a counter that is always zero is 0 / 0 to some releases.
    for (const auto& [key, value] : row.items()) EXPECT_FALSE(value.is_null()) << key;
  }
  EXPECT_EQ(aggregates, (std::vector<std::string>{"mean", "median", "stddev", "cv"}));
}

// Releases of Google Benchmark differ in whether they want the unit.
TEST(BenchJson, ComesOfAsManyIterationsAsTheMinimumTimeTakes) {
  for (const std::string time : {"0.05", "0.05s"}) {
    const json row = run_json({"--benchmark_filter=cpu_sequential", "--fibonacci", "5:8:1",
                               "--benchmark_min_time=" + time})["benchmarks"][0];
    const double iterations = row["iterations"];
    const double real_time_ms = row["real_time"];
    EXPECT_GE(iterations * real_time_ms, 0.999 * 50) << time;
  }
}

TEST(BenchJson, GoesToAFileBesideStandardOutput) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      run_bench(quick_and({"--benchmark_filter=cpu_(sequential|async)/",
                           "--benchmark_repetitions=2", "--benchmark_display_aggregates_only",
                           "--benchmark_out=" + directory.file("results.json")}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "cpu_async/real_time_mean")) << result.out;
  EXPECT_FALSE(contains(result.out, "cpu_async/real_time ")) << result.out;
  const json document = parse_strictly(directory.read("results.json"));
  EXPECT_EQ(document["benchmarks"].size(), 2 * (2 + 4));
}

TEST(BenchConsole, IsATableWithTheRestOnStandardError) {
  const ProgramResult result = run_bench(quick_and({"--benchmark_filter=cpu_async/"}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "loop_blocked_s=")) << result.out;
  EXPECT_TRUE(contains(result.err, "usable_cores: ")) << result.err;
  EXPECT_FALSE(contains(result.out, "usable_cores")) << result.out;
  EXPECT_FALSE(contains(result.err, "built as DEBUG")) << result.err;
#ifdef __linux__
  EXPECT_TRUE(std::regex_search(result.out, std::regex("max_rss_kb=[0-9.]+[kM]"))) << result.out;
#endif
}

/// Fields of one line without line breaks in fields.
std::vector<std::string> csv_fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (c == ',' && !quoted) {
      fields.emplace_back();
    } else if (c != '"') {
      fields.back() += c;
    }
  }
  EXPECT_FALSE(quoted) << line;
  return fields;
}

TEST(BenchCsv, TakesCasesWhoseCountersDiffer) {
  const ProgramResult result =
      run_bench(quick_and({"--benchmark_filter=(sequential|async)/", "--benchmark_format=csv"}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(contains(result.err, "usable_cores: ")) << result.err;
  EXPECT_FALSE(contains(result.err, "built as DEBUG")) << result.err;
  std::istringstream lines(result.out);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const std::vector<std::string> header = csv_fields(line);
  const auto column = [&header](const std::string& name) {
    return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  };
  std::size_t rows = 0;
  for (; std::getline(lines, line); ++rows) {
    const std::vector<std::string> fields = csv_fields(line);
    ASSERT_EQ(fields.size(), header.size()) << line;
    EXPECT_EQ(fields[column("loop_blocked_s")].empty(), !contains(fields[0], "async")) << line;
    EXPECT_FALSE(fields[column("wall_s")].empty()) << line;
  }
  EXPECT_EQ(rows, 12U);
}

TEST(BenchFailure, HasNoFigureAndStatusOne) {
  const TemporaryDirectory directory;
  const ScriptedServer silent([](TestStream& peer) { peer.wait_for_end(); });
  const std::string url = "http://" + silent.endpoint().text() + "/";
  const ProgramResult result =
      run_bench({"--urls", directory.write("urls.txt", url), "--deadline", "0.1",
                 "--benchmark_min_time=0", "--benchmark_filter=io_async/",
                 "--benchmark_format=json", "--benchmark_out=" + directory.file("results.json")});
  EXPECT_EQ(result.status, 1);
  expect_one_line(result, {"io_async", "job 0: " + url, "29 more of 30 jobs", "--deadline"});
  for (const std::string& text : {result.out, directory.read("results.json")}) {
    const json row = parse_strictly(text)["benchmarks"].at(0);
    EXPECT_EQ(row["error_occurred"], true);
    EXPECT_TRUE(contains(row["error_message"], "job 0: " + url));
    EXPECT_EQ(row["label"], "case 06");
    for (const char* const key : {"real_time", "cpu_time", "iterations", "wall_s", "threads"}) {
      EXPECT_FALSE(row.contains(key)) << key;
    }
  }
}

/// What a terminal obeys, in both its forms, and what ends a line.
const std::string hostile_text =
    "a\x1b[2J\xC2\x9B"
    "31m\r\nforged: line\x7f \xC3\xA9"
    "\xE2\x80\xAE\xE2\x80\xA8\xE2\x81\xA9\xE2\x80\x8F\xD8\x9C\xE2\x80\x93";
const std::string harmless_text =
    "a?[2J??31m??forged: line? \xC3\xA9"
    "??????????????\xE2\x80\x93";

void expect_harmless(const std::string& text) {
  for (const char* const bad : {"\x1b", "\xC2\x9B", "\r", "\x7f"}) {
    EXPECT_FALSE(contains(text, bad)) << text;
  }
  EXPECT_TRUE(contains(text, harmless_text)) << text;
}

TEST(BenchOutput, WhatTheUserSaysIsNoCommandToATerminal) {
  for (const std::string format : {"console", "csv"}) {
    const ProgramResult result = run_bench(
        quick_and({"--benchmark_context=note=" + hostile_text, "--benchmark_filter=^cpu_sequential",
                   "--benchmark_format=" + format}));
    EXPECT_EQ(result.status, 0);
    expect_harmless(result.err + result.out);
  }
  // Programs get it as it is.
  const json document = run_json(quick_and(
      {"--benchmark_context=note=" + hostile_text, "--benchmark_filter=^cpu_sequential"}));
  EXPECT_EQ(document["context"]["note"], hostile_text);
}

TEST(BenchOutput, AnErrorAboutHostileTextIsOneHarmlessLine) {
  const TemporaryDirectory directory;
  const std::string file = directory.file(hostile_text);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--urls", file},
        {"--ca", file, "--origin", "https://a.test"},
        {"--origin", hostile_text},
        {"--scheme", hostile_text},
        {"--models", hostile_text},
        {"--urls", directory.write("urls.txt", "http://a.test/" + hostile_text)}}) {
    const ProgramResult result = run_bench(arguments);
    EXPECT_EQ(result.status, 2);
    expect_one_line(result, {});
    EXPECT_FALSE(contains(result.err, "\x1b") || contains(result.err, "\xC2\x9B")) << result.err;
  }
}

TEST(BenchFailure, IsNotHiddenByAggregates) {
  const TemporaryDirectory directory;
  const std::string urls = directory.write("urls.txt", dead_url());
  const ProgramResult result =
      run_bench({"--urls", urls, "--benchmark_filter=(io|blocking)_sequential",
                 "--benchmark_repetitions=3", "--benchmark_report_aggregates_only",
                 "--benchmark_min_time=0", "--benchmark_format=csv", "--fibonacci", "1:1:1"});
  EXPECT_EQ(result.status, 1);
  EXPECT_TRUE(contains(result.err, "bench: io_sequential: job 0: ")) << result.err;
  EXPECT_TRUE(contains(result.err, "bench: blocking_sequential: job 0: ")) << result.err;
}

class BenchWithExternalOrigin : public testing::Test {
 protected:
  [[nodiscard]] std::string ca() const {
    return directory_.write("ca.pem", test_origin().ca_pem());
  }
  [[nodiscard]] static std::string url(std::uint16_t port, const std::string& scheme = "https") {
    return scheme + "://127.0.0.1:" + std::to_string(port);
  }
  TemporaryDirectory directory_;  // NOLINT: test fixtures share
};

TEST_F(BenchWithExternalOrigin, MeasuresItsCpuToo) {
  const std::optional<Seconds> before = test_origin().cpu_time();
  const json document = run_json(quick_and({"--origin", url(test_origin().https_port()), "--ca",
                                            ca(), "--benchmark_filter=(io|cpu)_async/"}));
  ASSERT_EQ(document["benchmarks"].size(), 2U);
  const std::optional<Seconds> after = test_origin().cpu_time();
  const double origin_cpu_s = document["benchmarks"][0]["origin_cpu_s"];
  EXPECT_GT(origin_cpu_s, 0);
  if (before && after) {
    EXPECT_LE(origin_cpu_s, (*after - *before).count());
  }
  EXPECT_FALSE(document["benchmarks"][1].contains("origin_cpu_s"));
  EXPECT_EQ(document["context"]["source"], "external origin");
  EXPECT_EQ(document["context"]["tls_version"], "TLSv1.3");
}

TEST_F(BenchWithExternalOrigin, SpeaksHttpToo) {
  const json document = run_json(quick_and({"--origin", url(test_origin().http_port(), "http"),
                                            "--fetches", "3", "--benchmark_filter=io_sequential"}));
  EXPECT_EQ(document["context"]["fetches"], 3);
  EXPECT_TRUE(document["benchmarks"][0].contains("origin_cpu_s"));
}

TEST_F(BenchWithExternalOrigin, SaysThatNobodyListens) {
  const ProgramResult result = run_bench({"--origin", url(refused_fetch().url.port), "--ca", ca()});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.out, "");
  expect_one_line(result, {"--origin", "connect", "refused", "is the server running?"});
}

TEST_F(BenchWithExternalOrigin, SaysThatTheNameIsUnknown) {
  const ProgramResult result = run_bench({"--origin", "http://no-such-host.invalid"});
  EXPECT_EQ(result.status, 1);
  expect_one_line(result, {"--origin", "no-such-host.invalid", "check the name"});
}

TEST_F(BenchWithExternalOrigin, SaysThatTheCertificateIsOfAnotherAuthority) {
  const OriginProcess other(
      {.program = CONCURRENCY_MODELS_ORIGIN, .affinity = {}, .host_names = {}});
  const ProgramResult result = run_bench({"--origin", url(other.https_port()), "--ca", ca()});
  EXPECT_EQ(result.status, 1);
  expect_one_line(result, {"--origin", "TLS handshake", "certificate", "check --ca"});
}

TEST_F(BenchWithExternalOrigin, SaysThatTheCertificateIsForAnotherName) {
  const OriginProcess other({.program = CONCURRENCY_MODELS_ORIGIN,
                             .affinity = {},
                             .host_names = {"elsewhere.origin.test"}});
  const std::string other_ca = directory_.write("other.pem", other.ca_pem());
  const ProgramResult result = run_bench({"--origin", url(other.https_port()), "--ca", other_ca});
  EXPECT_EQ(result.status, 1);
  expect_one_line(result, {"--origin", "TLS handshake", "certificate", "host name"});
}

TEST_F(BenchWithExternalOrigin, SaysThatItDoesNotAnswerInTime) {
  const ScriptedServer server([](TestStream& peer) { peer.wait_for_end(); });
  for (const std::string scheme : {"http", "https"}) {
    const std::string stage = scheme == "http" ? "header" : "handshake";
    ProgramResult result;
    // On a slow machine a short deadline may pass while it connects.
    for (const std::string deadline : {"0.1", "2", "40"}) {
      result = run_bench(
          {"--origin", url(server.endpoint().port, scheme), "--ca", ca(), "--deadline", deadline});
      if (!contains(result.err, "connect")) break;
    }
    EXPECT_EQ(result.status, 1);
    expect_one_line(result, {"--origin", stage, "--deadline"});
  }
}

TEST(BenchUrls, AreFetchedInOrderWithoutAnOriginsClock) {
  const TemporaryDirectory directory;
  const std::string origin = "http://127.0.0.1:" + std::to_string(test_origin().http_port());
  std::string lines = "# our own origin\n";
  for (int i = 0; i < 31; ++i) lines += origin + "/?delay_us=0&bytes=" + std::to_string(i) + '\n';
  const json document =
      run_json({"--urls", directory.write("urls.txt", lines), "--benchmark_min_time=0",
                "--benchmark_filter=io_(sequential|async)/"});
  EXPECT_EQ(document["context"]["source"], "urls");
  EXPECT_EQ(document["context"]["urls"], 31);
  EXPECT_EQ(document["context"]["fetches"], 31);
  EXPECT_FALSE(document["context"].contains("tls_version"));
  for (const json& row : document["benchmarks"]) EXPECT_FALSE(row.contains("origin_cpu_s"));
}

TEST(BenchUrls, FailTheirCasesAlone) {
  const TemporaryDirectory directory;
  const std::string urls = directory.write("urls.txt", dead_url());
  const json document = run_json({"--urls", urls, "--benchmark_min_time=0", "--fibonacci", "5:8:1",
                                  "--fetches", "2", "--benchmark_filter=(io|cpu)_sequential"},
                                 1);
  EXPECT_TRUE(contains(document["benchmarks"][0]["error_message"], "is the server running?"));
  EXPECT_TRUE(document["benchmarks"][1].contains("wall_s"));
}

TEST(BenchUrls, WithUnknownNamesFailBeforeAnythingRuns) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      run_bench({"--urls", directory.write("urls.txt", "https://no-such-host.invalid/")});
  EXPECT_EQ(result.status, 1);
  expect_one_line(result, {"urls.txt", "no-such-host.invalid", "check the name"});
}

TEST(BenchDescriptors, AreAsManyAsTheHardLimitAllows) {
  const ProgramResult result = run_program(
      {"/bin/sh", "-c",
       std::string("ulimit -Sn 128 && ulimit -Hn 600 && exec ") + CONCURRENCY_MODELS_BENCH +
           " --benchmark_filter='^io_async/' --scheme http --fetches 500 "
           "--latency-scale 2 --benchmark_min_time=0 --benchmark_format=json"});
  EXPECT_EQ(result.status, 0) << result.err;
}

#ifdef __linux__
/// /dev/full is a device that has no room.
TEST(BenchFailure, ToWriteIsNoticed) {
  for (const std::string arguments :
       {"--benchmark_filter=cpu_sequential --benchmark_min_time=0 --fibonacci 5:8:1 "
        "--benchmark_format=json",
        "--benchmark_list_tests", "--help"}) {
    const std::string command = std::string(CONCURRENCY_MODELS_BENCH) + ' ' + arguments;
    const ProgramResult result = run_program({"/bin/sh", "-c", "exec " + command + " > /dev/full"});
    EXPECT_EQ(result.status, 1) << arguments;
    expect_one_line(result, {"bench: standard output: cannot be written: No space left on device",
                             "; make room"});
  }
}

TEST(BenchFailure, ToWriteTheFileIsNoticed) {
  const ProgramResult result =
      run_bench(quick_and({"--benchmark_filter=cpu_sequential", "--benchmark_format=json",
                           "--benchmark_out=/dev/full"}));
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(parse_strictly(result.out)["benchmarks"].size(), 1U);
  expect_one_line(result, {"bench: --benchmark_out: '/dev/full': cannot be written: No space left",
                           "; make room"});
}

TEST(BenchJson, KeepsTheOriginAwayWhereThereIsASpareProcessor) {
  const std::vector<unsigned> mine = affinity();
  if (mine.size() < 2) GTEST_SKIP() << "needs two processors";
  const std::string first = std::to_string(mine.front());
  const ProgramResult result =
      run_program({"/usr/bin/env", "taskset", "-c", first, CONCURRENCY_MODELS_BENCH,
                   "--benchmark_filter=cpu_sequential", "--benchmark_min_time=0", "--fibonacci",
                   "5:8:1", "--benchmark_format=json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const json context = parse_strictly(result.out)["context"];
  EXPECT_EQ(context["affinity"], json({mine.front()}));
  EXPECT_EQ(context["usable_cores"], 1);
  EXPECT_FALSE(contains(context["origin_affinity"].dump(), "[" + first + "]"));
}
#endif

/// Runs a quick case and then one that takes minutes, and sends a signal in between.
ProgramResult interrupt_between_cases(int signal, const std::vector<std::string>& more) {
  // ThreadSanitizer delivers signals to a thread that computes when it calls something, which is at
  // the computation's end.
  const char* const work = thread_sanitizer ? "42:42:1" : "50:50:1";
  std::vector<std::string> command = {
      CONCURRENCY_MODELS_BENCH, "--fibonacci", work,
      "--latency-scale",        "0",           "--benchmark_min_time=0",
      "--benchmark_format=json"};
  command.insert(command.end(), more.begin(), more.end());
  RunningProgram bench(command);
  const std::string first_case = bench.read_until("\"label\": \"case 01\"");
  bench.send_signal(signal);
  ProgramResult result = bench.finish();
  result.out.insert(0, first_case);
  return result;
}

class BenchInterrupted : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { ASSERT_TRUE(switch_core_files_off()); }
};

TEST_P(BenchInterrupted, LeavesCompleteDocuments) {
  const int signal = GetParam();
  for (const std::string model : {"sequential", "threads", "processes", "async_process_pool"}) {
    const TemporaryDirectory directory;
    const ProgramResult result =
        interrupt_between_cases(signal, {"--benchmark_filter=io_sequential|cpu_" + model + "/",
                                         "--benchmark_out=" + directory.file("results.json")});
    EXPECT_EQ(result.status, 128 + signal) << model;
    EXPECT_EQ(parse_strictly(result.out)["benchmarks"].size(), 1U) << model;
    EXPECT_LE(parse_strictly(directory.read("results.json"))["benchmarks"].size(), 1U) << model;
    expect_one_line(result, {"interrupted"});
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, BenchInterrupted,
                         testing::Values(SIGINT, SIGTERM, SIGHUP, SIGQUIT));

TEST(BenchKilled, LeavesACompleteFile) {
  const TemporaryDirectory directory;
  const ProgramResult result =
      interrupt_between_cases(SIGKILL, {"--benchmark_filter=(io|cpu)_sequential",
                                        "--benchmark_out=" + directory.file("results.json")});
  EXPECT_EQ(result.status, 128 + SIGKILL);
  EXPECT_LE(parse_strictly(directory.read("results.json"))["benchmarks"].size(), 1U);
}

}  // namespace
}  // namespace concurrency_models
