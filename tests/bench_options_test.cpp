// The command line of bench: what is refused, how it is said, and what must not happen meanwhile.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "support/run_program.h"
#include "support/temporary_directory.h"
#include "support/test_origin.h"

namespace concurrency_models {
namespace {

/// Usage errors: status 2, nothing on standard output, one line that holds each of `parts`.
void expect_usage_error(const std::vector<std::string>& arguments,
                        const std::vector<std::string>& parts,
                        const AddedEnvironment& environment = {}) {
  const ProgramResult result = run_bench(arguments, environment);
  SCOPED_TRACE(testing::PrintToString(arguments));
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_TRUE(result.err.starts_with("bench: ")) << result.err;
  for (const std::string& part : parts) {
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err << "lacks: " << part;
  }
}

struct BadValue {
  std::string option;
  std::string value;
  std::string accepted;  ///< part of what the message says is accepted
};

std::ostream& operator<<(std::ostream& out, const BadValue& bad) {
  return out << bad.option << ' ' << bad.value;
}

class BadOptionValue : public testing::TestWithParam<BadValue> {};

TEST_P(BadOptionValue, IsNamedWithWhatIsAccepted) {
  const auto& [option, value, accepted] = GetParam();
  expect_usage_error({option, value}, {option, "'" + value + "'", accepted});
  if (!value.empty()) expect_usage_error({option + "=" + value}, {option, accepted});
}

INSTANTIATE_TEST_SUITE_P(
    All, BadOptionValue,
    testing::Values(
        BadValue{"--workers", "0", "from 1 to 10000"}, BadValue{"--workers", "2,x", "commas"},
        BadValue{"--workers", "", "commas"}, BadValue{"--workers", "1,,2", "commas"},
        BadValue{"--workers", "1,", "commas"}, BadValue{"--workers", "10001", "10000"},
        BadValue{"--workers", "-1", "commas"}, BadValue{"--workers", " 1", "commas"},
        BadValue{"--fibonacci", "38:32:3", "LOW:HIGH:REPEAT"},
        BadValue{"--fibonacci", "32:51:3", "at most 50"},
        BadValue{"--fibonacci", "0:5:1", "LOW from 1"}, BadValue{"--fibonacci", "1:5:0", "REPEAT"},
        BadValue{"--fibonacci", "1:5:1001", "1000"}, BadValue{"--fibonacci", "1:5", "REPEAT"},
        BadValue{"--fibonacci", "1:5:1:1", "REPEAT"}, BadValue{"--fibonacci", "a:5:1", "REPEAT"},
        BadValue{"--fibonacci", "4294967297:4294967298:1", "REPEAT"},
        BadValue{"--latency-scale", "-1", "from 0 to 1000"},
        BadValue{"--latency-scale", "nan", "from 0 to 1000"},
        BadValue{"--latency-scale", "inf", "from 0 to 1000"},
        BadValue{"--latency-scale", "1e999", "from 0 to 1000"},
        BadValue{"--latency-scale", "1001", "from 0 to 1000"},
        BadValue{"--latency-scale", "1x", "from 0 to 1000"},
        BadValue{"--latency-scale", "0x10", "from 0 to 1000"},
        BadValue{"--latency-scale", "1.2.3", "from 0 to 1000"},
        BadValue{"--latency-scale", ".", "from 0 to 1000"},
        BadValue{"--latency-scale", "1e", "from 0 to 1000"},
        BadValue{"--fetches", "0", "from 1 to 1000000"},
        BadValue{"--fetches", "1000001", "from 1 to 1000000"},
        BadValue{"--fetches", "1.5", "whole number"},
        BadValue{"--fetches", "99999999999999999999", "whole number"},
        BadValue{"--in-flight", "0", "from 1 to 1000000"}, BadValue{"--deadline", "0", "above 0"},
        BadValue{"--deadline", "-1", "above 0"}, BadValue{"--deadline", "3601", "at most 3600"},
        BadValue{"--deadline", "1e-99", "above 0"},
        BadValue{"--jobs", "0", "must be decades, or whole numbers from 1 to 1000000"},
        BadValue{"--jobs", "decade", "decades"}, BadValue{"--jobs", "1000001", "1000000"},
        BadValue{"--latency", "-1", "from 0 to 600"}, BadValue{"--latency", "601", "600"},
        BadValue{"--scheme", "ftp", "https or http"}, BadValue{"--files", "0", "from 1 to 100000"},
        BadValue{"--file-size", "-1", "from 1 to 1048576"},
        BadValue{"--file-size", "1048577", "from 1 to 1048576"},
        BadValue{"--models", "io,,cpu", "names with commas"},
        BadValue{"--models", "asink", "some of sequential, threads"},
        BadValue{"--workloads", "disc", "must be standard, all, or some of io, cpu"},
        BadValue{"--origin", "localhost:4433", "https://127.0.0.1:4433"},
        BadValue{"--origin", "ftp://localhost", "scheme"},
        BadValue{"--origin", "http://localhost:80/path", "host and port"},
        BadValue{"--connection", "pooled", "fresh, resumed or keepalive"},
        BadValue{"--benchmark_min_time", "-1", "from 0"},
        BadValue{"--benchmark_min_time", "1h", "from 0"},
        BadValue{"--benchmark_min_time", "nan", "from 0"},
        BadValue{"--benchmark_min_time", "1e999", "from 0"},
        BadValue{"--benchmark_min_warmup_time", "x", "from 0"},
        BadValue{"--benchmark_repetitions", "0", "from 1"},
        BadValue{"--benchmark_repetitions", "99999999999", "from 1"},
        BadValue{"--benchmark_format", "xml", "console, json or csv"},
        BadValue{"--benchmark_out_format", "xml", "console, json or csv"},
        BadValue{"--benchmark_color", "red", "auto, true or false"},
        BadValue{"--benchmark_time_unit", "h", "ns, us, ms or s"},
        BadValue{"--benchmark_context", "novalue", "KEY=VALUE"},
        BadValue{"--benchmark_context", "a=1,a=2", "no key twice"},
        BadValue{"--benchmark_perf_counters", "A,,B", "names"}, BadValue{"--v", "x", "from 0"},
        BadValue{"--benchmark_filter", "no_such_case", "matches no case"}));

INSTANTIATE_TEST_SUITE_P(
    Filters, BadOptionValue,
    testing::Values(BadValue{"--benchmark_filter", "[", "no regular expression"},
                    BadValue{"--benchmark_filter", "(", "no regular expression"},
                    BadValue{"--benchmark_filter", "*", "no regular expression"},
                    BadValue{"--benchmark_filter", "a{2", "no regular expression"},
                    BadValue{"--benchmark_filter", "cpu_|(", "no regular expression"},
                    BadValue{"--benchmark_filter", ")(", "no regular expression"},
                    BadValue{"--benchmark_filter", "cpu_\\", "no regular expression"},
                    BadValue{"--benchmark_filter", "-(", "no regular expression"},
                    BadValue{"--benchmark_filter", "-[", "no regular expression"},
                    BadValue{"--benchmark_filter", "\\(", "matches no case"},
                    BadValue{"--benchmark_filter", "cpu_{2}", "matches no case"},
                    BadValue{"--benchmark_filter", "-.", "matches no case"},
                    BadValue{"--benchmark_filter", "Could not compile", "matches no case"}));

#if defined(__linux__)
// Elsewhere it may be a bracket that means itself.
INSTANTIATE_TEST_SUITE_P(ClosingBracket, BadOptionValue,
                         testing::Values(BadValue{"--benchmark_filter", ")",
                                                  "no regular expression"}));
#endif

TEST(BenchOptions, RefusesWhatItDoesNotKnow) {
  expect_usage_error({"--no-such-option"}, {"--no-such-option", "--help"});
  expect_usage_error({"--no-such-option=5"}, {"--no-such-option", "--help"});
  expect_usage_error({"stray"}, {"stray"});
  expect_usage_error({"-x"}, {"-x"});
  expect_usage_error({"--filter=cpu_"}, {"--filter", "--benchmark_filter"});
  expect_usage_error({"--benchmark_filter=cpu_", "--line\nbreak"}, {"--line?break"});
}

TEST(BenchOptions, WantsValues) {
  expect_usage_error({"--workers"}, {"--workers", "needs a value"});
  expect_usage_error({"--workers=", "--study"}, {"--workers", "needs a value"});
  expect_usage_error({"--benchmark_filter"}, {"--benchmark_filter", "needs a value"});
  expect_usage_error({"--benchmark_list_tests=perhaps"},
                     {"--benchmark_list_tests", "'perhaps'", "true or false"});
  expect_usage_error({"--study=maybe"}, {"--study", "'maybe'", "true or false"});
}

TEST(BenchOptions, TakesTheStudysSwitchAsAnyOther) {
  const std::string all = run_bench({"--benchmark_list_tests"}).out;
  const std::string study = run_bench({"--benchmark_list_tests", "--study"}).out;
  EXPECT_NE(study, all);
  EXPECT_EQ(run_bench({"--benchmark_list_tests", "--study=yes"}).out, study);
  EXPECT_EQ(run_bench({"--benchmark_list_tests", "--study", "--study"}).out, study);
  EXPECT_EQ(run_bench({"--benchmark_list_tests", "--study=false"}).out, all);
  EXPECT_EQ(run_bench({"--benchmark_list_tests", "--study", "--study=off"}).out, all);
}

TEST(BenchOptions, RefusesWhatLeavesNoCase) {
  expect_usage_error({"--models=processes", "--workloads=io", "--connection=keepalive"},
                     {"--models", "--workloads", "--connection", "no selected model can run"});
}

TEST(BenchOptions, RefusesWhatExcludesEachOther) {
  const TemporaryDirectory directory;
  const std::string urls = directory.write("urls.txt", "http://localhost/\n");
  const auto exclude = [](const std::vector<std::string>& arguments, const std::string& one,
                          const std::string& other) {
    expect_usage_error(arguments, {one, other, "exclude each other"});
  };
  exclude({"--urls", urls, "--origin", "http://localhost:1"}, "--urls", "--origin");
  exclude({"--urls", urls, "--scheme", "http"}, "--urls", "--scheme");
  exclude({"--urls", urls, "--latency-scale", "2"}, "--urls", "--latency-scale");
  exclude({"--origin", "http://localhost:1", "--scheme", "http"}, "--origin", "--scheme");
  exclude({"--study", "--workers", "2"}, "--study", "--workers");
  exclude({"--study", "--models", "all"}, "--study", "--models");
  exclude({"--study", "--jobs", "10"}, "--study", "--jobs");
  exclude({"--trace", "t", "--jobs", "10"}, "--trace", "--jobs");
  exclude({"--latency", "1", "--latency-scale", "1"}, "--latency", "--latency-scale");
  exclude({"--study", "--workloads", "io"}, "--study", "--workloads");
  expect_usage_error({"--origin", "https://localhost:1"}, {"--origin", "--ca"});
  expect_usage_error({"--connection", "resumed", "--scheme", "http"}, {"--connection", "https"});
  expect_usage_error({"--connection", "resumed", "--urls", urls},
                     {"--connection", "http://localhost/"});
}

TEST(BenchOptions, ChecksAuthorities) {
  const TemporaryDirectory directory;
  const std::string text = directory.write("text.pem", "no certificate\n");
  const std::string empty = directory.write("empty.pem", "");
  const std::string broken = directory.write(
      "broken.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
  const std::string valid = directory.write("valid.pem", test_origin().ca_pem());
  const std::string missing = directory.file("missing.pem");
  for (const std::string& file : {text, empty, broken}) {
    expect_usage_error({"--origin", "https://localhost:1", "--ca", file}, {"--ca", file, "PEM"});
  }
  expect_usage_error({"--origin", "https://localhost:1", "--ca", missing},
                     {"--ca", missing, "No such file", "; name a file"});
  expect_usage_error({"--origin", "https://localhost:1", "--ca", directory.file("")},
                     {"--ca", "cannot be read", "; name another"});
  expect_usage_error({"--ca", valid}, {"--ca", "--origin or --urls"});
}

TEST(BenchOptions, ChecksUrlFilesLineByLine) {
  const TemporaryDirectory directory;
  const std::string bad = directory.write(
      "bad.txt", "# comment\n\n  https://example.org/a?b=c \r\nhttps://exa mple.org/\n");
  expect_usage_error({"--urls", bad}, {bad + ":4:", "'https://exa mple.org/'"});
  const std::string none = directory.write("none.txt", "# only\n \n# comments");
  expect_usage_error({"--urls", none}, {none, "no URL"});
  const std::string empty = directory.write("empty.txt", "");
  expect_usage_error({"--urls", empty}, {empty, "no URL"});
  expect_usage_error({"--urls", directory.file("missing.txt")},
                     {"--urls", directory.file("missing.txt"), "No such file", "; name a file"});
  expect_usage_error({"--urls", directory.file("")},
                     {"--urls", "cannot be read", "; name another"});
#if defined(__linux__)
  expect_usage_error({"--urls", "/dev/zero"}, {"--urls", "16 MiB", "; name a smaller file"});
#endif
  const std::string good =
      directory.write("good.txt", "\xEF\xBB\xBFhttps://example.org/\nhttp://[::1]:8080/x#y");
  EXPECT_EQ(run_bench({"--urls", good, "--benchmark_list_tests"}).status, 0);
}

TEST(BenchOptions, ChecksTheOutputFileAndLeavesItAsItIs) {
  const TemporaryDirectory directory;
  const std::string nowhere = directory.file("no/such/directory.json");
  expect_usage_error({"--benchmark_out=" + nowhere},
                     {"--benchmark_out", nowhere, "written", "; name a file"});
  expect_usage_error({"--benchmark_out=" + directory.file("")},
                     {"--benchmark_out", "written", "; name a file"});

  const std::string kept = directory.write("kept.json", "earlier results");
  expect_usage_error({"--benchmark_out=" + kept, "--benchmark_filter=no_such_case"}, {"no case"});
  EXPECT_EQ(run_bench({"--benchmark_out=" + kept, "--benchmark_list_tests"}).status, 0);
  const std::string dead_origin = "http://127.0.0.1:" + std::to_string(refused_fetch().url.port);
  const ProgramResult refused = run_bench({"--benchmark_out=" + kept, "--origin", dead_origin});
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(directory.read("kept.json"), "earlier results");

  const std::string made = directory.file("made.json");
  expect_usage_error({"--benchmark_out=" + made, "--benchmark_context=date=x"}, {"date"});
  EXPECT_FALSE(std::filesystem::exists(made));
}

TEST(BenchOptions, ReadsTheEnvironmentAsGoogleBenchmarkDoes) {
  const ProgramResult listed =
      run_bench({}, {{"BENCHMARK_LIST_TESTS", "1"}, {"BENCHMARK_FILTER", "^cpu_sequential/"}});
  EXPECT_EQ(listed.status, 0);
  EXPECT_EQ(listed.out, "cpu_sequential/real_time\n");
  expect_usage_error({}, {"--benchmark_format", "'xml'"}, {{"BENCHMARK_FORMAT", "xml"}});
}

TEST(BenchOptions, FindsTheOutputFileInTheEnvironment) {
  const TemporaryDirectory directory;
  const std::vector<std::string> quick = {"--benchmark_filter=cpu_sequential", "--fibonacci",
                                          "5:8:1", "--benchmark_min_time=0"};
  const AddedEnvironment to_file = {{"BENCHMARK_OUT", directory.file("out.json")},
                                    {"BENCHMARK_CONTEXT", "a=b"}};
  const ProgramResult written = run_bench(quick, to_file);
  EXPECT_EQ(written.status, 0);
  EXPECT_EQ(written.err.find("Failed"), std::string::npos) << written.err;
  const std::string content = directory.read("out.json");
  EXPECT_NE(content.find("cpu_sequential"), std::string::npos);
  expect_usage_error({"--benchmark_filter=no_such_case"}, {"no case"}, to_file);
  EXPECT_EQ(run_bench({"--benchmark_list_tests"}, to_file).status, 0);
  EXPECT_EQ(directory.read("out.json"), content);
  expect_usage_error({}, {"--benchmark_out", "/no/such/file"},
                     {{"BENCHMARK_OUT", "/no/such/file"}});
}

TEST(BenchOptions, TakesGoogleBenchmarksSpellings) {
  const std::string sequential = "cpu_sequential/real_time\n";
  const std::vector<std::vector<std::string>> spellings = {
      {"--benchmark_filter", "^cpu_sequential"},
      {"--benchmark_filter=^cpu_sequential"},
      {"--benchmark_filter=cpu_threads", "--benchmark_filter=^cpu_sequential"},
      {"--benchmark_filter", "-cpu_[^s]|io|mixed|blocking"},
  };
  for (std::vector<std::string> arguments : spellings) {
    arguments.emplace_back("--benchmark_list_tests");
    EXPECT_EQ(run_bench(arguments).out, sequential) << testing::PrintToString(arguments);
  }
  const std::string all = run_bench({"--benchmark_list_tests"}).out;
  EXPECT_EQ(run_bench({"--benchmark_list_tests=true"}).out, all);
  EXPECT_EQ(run_bench({"--benchmark_filter=", "--benchmark_list_tests=yes"}).out, all);
  EXPECT_EQ(run_bench({"--benchmark_filter=all", "--benchmark_list_tests=1"}).out, all);
}

/// A place where bench finds, in place of the origin, a script that leaves a trace and fails.
class BenchWithTrap : public testing::Test {
 protected:
  BenchWithTrap() {
    std::filesystem::copy_file(CONCURRENCY_MODELS_BENCH, directory_.file("bench"));
    const std::string origin = directory_.write("origin", "#!/bin/sh\n: > " + trace() + "\n");
    std::filesystem::permissions(origin, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] std::string trace() const { return directory_.file("origin_was_started"); }
  [[nodiscard]] ProgramResult run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), directory_.file("bench"));
    return run_program(arguments);
  }

 private:
  TemporaryDirectory directory_;
};

TEST_F(BenchWithTrap, StartsNoOriginUnlessSomethingIsToBeRun) {
  const ProgramResult help = run({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_EQ(help.err, "");
  for (const char* const part : {"--workers", "--urls", "--benchmark_filter", "Examples"}) {
    EXPECT_NE(help.out.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(run({"--benchmark_list_tests"}).status, 0);
  EXPECT_EQ(run({"--benchmark_filter=no_such_case"}).status, 2);
  EXPECT_EQ(run({"--workers", "0"}).status, 2);
  EXPECT_EQ(run({"--benchmark_out=/no/such/directory/file"}).status, 2);
  EXPECT_FALSE(std::filesystem::exists(trace()));

  const ProgramResult failed = run({"--benchmark_filter=cpu_sequential"});
  EXPECT_EQ(failed.status, 1);
  EXPECT_EQ(failed.out, "");
  EXPECT_TRUE(std::filesystem::exists(trace())) << "the trap itself does not work";
  EXPECT_EQ(std::count(failed.err.begin(), failed.err.end(), '\n'), 1) << failed.err;
  EXPECT_TRUE(failed.err.starts_with("bench: ")) << failed.err;
}

}  // namespace
}  // namespace concurrency_models
