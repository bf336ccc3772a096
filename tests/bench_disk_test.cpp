// The disk workload as bench runs it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "support/coverage.h"
#include "support/run_program.h"
#include "support/running_program.h"
#include "support/strict_json.h"
#include "support/temporary_directory.h"

namespace concurrency_models {
namespace {

class BenchDisk : public testing::Test {
 protected:
  [[nodiscard]] std::vector<std::string> arguments(std::vector<std::string> more) const {
    std::vector<std::string> all = {"--models",
                                    "sequential",
                                    "--workloads",
                                    "disk",
                                    "--files",
                                    "3",
                                    "--file-size",
                                    "20",
                                    "--disk-directory",
                                    disk_.file(""),
                                    "--benchmark_format=json"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void expect_nothing_left() const { EXPECT_TRUE(std::filesystem::is_empty(disk_.file(""))); }

  TemporaryDirectory disk_;
};

TEST_F(BenchDisk, SaysWhatWasReadAndFromWhere) {
  const ProgramResult result = run_bench(arguments({"--benchmark_min_time=0"}));
  ASSERT_EQ(result.status, 0) << result.err;
  const nlohmann::json document = parse_strictly(result.out);
  EXPECT_EQ(document["context"]["files"], 3);
  EXPECT_EQ(document["context"]["file_kib"], 20);
  EXPECT_TRUE(document["context"]["page_cache"].is_string());
  EXPECT_EQ(document["benchmarks"].at(0)["name"], "disk_sequential/real_time");
  EXPECT_FALSE(document["benchmarks"].at(0).contains("origin_cpu_s"));
  expect_nothing_left();
}

TEST_F(BenchDisk, SaysThatMemoryIsNoDisk) {
  const std::string memory = "/dev/shm";
  if (::access(memory.c_str(), W_OK) != 0) GTEST_SKIP() << "no such file system here";
  const ProgramResult result =
      run_bench(arguments({"--benchmark_min_time=0", "--disk-directory", memory}));
  ASSERT_EQ(result.status, 0) << result.err;
  const std::string page_cache = parse_strictly(result.out)["context"]["page_cache"];
  EXPECT_TRUE(page_cache.starts_with("in use")) << page_cache;
}

TEST_F(BenchDisk, IsNoPartOfWhatRunsUnasked) {
  const ProgramResult result =
      run_bench({"--fibonacci", "5:6:1", "--benchmark_filter=cpu_sequential",
                 "--benchmark_min_time=0", "--benchmark_format=json"});
  EXPECT_FALSE(parse_strictly(result.out)["context"].contains("files"));
}

TEST_F(BenchDisk, WantsADirectory) {
  for (const std::string& none : {disk_.file("none"), disk_.write("file", "text")}) {
    const ProgramResult result = run_bench(arguments({"--disk-directory", none}));
    EXPECT_EQ(result.status, 2);
    EXPECT_EQ(result.err, "bench: --disk-directory: '" + none +
                              "': must be a directory that can be written to\n");
    EXPECT_EQ(result.out, "");
  }
}

TEST_F(BenchDisk, LeavesNothingBehindWhenInterrupted) {
  for (const int signal : {SIGINT, SIGTERM}) {
    std::vector<std::string> command =
        arguments({"--workloads", "cpu,disk", "--fibonacci", "5:6:1", "--benchmark_min_time=100"});
    command.insert(command.begin(), CONCURRENCY_MODELS_BENCH);
    RunningProgram bench(command);
    static_cast<void>(bench.read_until("\"context\""));
    EXPECT_FALSE(std::filesystem::is_empty(disk_.file("")));
    bench.send_signal(signal);
    const ProgramResult result = bench.finish();
    EXPECT_EQ(result.status, 128 + signal) << result.err;
    expect_nothing_left();
  }
}

TEST_F(BenchDisk, SaysWhyItCannotMakeFiles) {
  if (counts_lines) GTEST_SKIP() << "the limit would also be one of what it counts";
  const ProgramResult result =
      run_program({"/bin/sh", "-c", "ulimit -f 8 && exec \"$0\" \"$@\"", CONCURRENCY_MODELS_BENCH,
                   "--models=sequential", "--workloads=disk", "--file-size=64",
                   "--disk-directory=" + disk_.file("")});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err.find("bench: cannot write " + disk_.file("")), 0U) << result.err;
  EXPECT_NE(result.err.find("File too large; choose another --disk-directory"), std::string::npos)
      << result.err;
  expect_nothing_left();
}

}  // namespace
}  // namespace concurrency_models
