// The suite over either event loop.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/run_program.h"
#include "support/strict_json.h"

#if defined(CONCURRENCY_MODELS_BENCH_IO_URING)
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#endif

namespace concurrency_models {
namespace {

TEST(BenchEventLoop, IsNamedInTheContext) {
  const ProgramResult result = run_bench({"--fibonacci=5:6:1", "--benchmark_filter=cpu_sequential",
                                          "--benchmark_min_time=0", "--benchmark_format=json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const std::string event_loop = parse_strictly(result.out)["context"]["event_loop"];
#if defined(__linux__)
  EXPECT_EQ(event_loop, "epoll");
#else
  EXPECT_FALSE(event_loop.empty());
#endif
}

std::vector<std::string> small(const std::string& program,
                               const std::vector<std::string>& more = {}) {
  std::vector<std::string> command = {
      program,     "--fibonacci=5:8:1", "--latency-scale=0",      "--fetches=10",
      "--files=4", "--file-size=100",   "--benchmark_min_time=0", "--benchmark_format=json"};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

bool is_refused(const ProgramResult& result) {
  return result.err.find("does not allow io_uring") != std::string::npos;
}

class BenchOnEitherLoop : public testing::TestWithParam<const char*> {};

TEST_P(BenchOnEitherLoop, RunsEveryCase) {
  const ProgramResult result =
      run_program(small(GetParam(), {"--models=all", "--workloads=all", "--workers=2"}));
  if (is_refused(result)) GTEST_SKIP() << result.err;
  ASSERT_EQ(result.status, 0) << result.err;
  const nlohmann::json document = parse_strictly(result.out);
  for (const nlohmann::json& row : document["benchmarks"]) {
    EXPECT_FALSE(row.contains("error_occurred")) << row;
  }
}

INSTANTIATE_TEST_SUITE_P(Default, BenchOnEitherLoop, testing::Values(CONCURRENCY_MODELS_BENCH));

#if defined(CONCURRENCY_MODELS_BENCH_IO_URING)

INSTANTIATE_TEST_SUITE_P(IoUring, BenchOnEitherLoop,
                         testing::Values(CONCURRENCY_MODELS_BENCH_IO_URING));

TEST(BenchIoUring, SaysSo) {
  const ProgramResult result = run_program(
      small(CONCURRENCY_MODELS_BENCH_IO_URING, {"--models=sequential", "--workloads=cpu"}));
  if (is_refused(result)) GTEST_SKIP() << result.err;
  EXPECT_EQ(parse_strictly(result.out)["context"]["event_loop"], "io_uring");
}

TEST(BenchIoUring, AwaitsFilesInsteadOfStallingTheLoop) {
  const std::vector<std::string> disk = {"--models=async", "--workloads=disk"};
  const ProgramResult awaits = run_program(small(CONCURRENCY_MODELS_BENCH_IO_URING, disk));
  if (is_refused(awaits)) GTEST_SKIP() << awaits.err;
  EXPECT_EQ(parse_strictly(awaits.out)["benchmarks"].at(0)["loop_blocked_s"], 0.0);
  const ProgramResult stalls = run_program(small(CONCURRENCY_MODELS_BENCH, disk));
  EXPECT_GT(parse_strictly(stalls.out)["benchmarks"].at(0)["loop_blocked_s"], 0.0);
}

/// Makes the kernel refuse io_uring to this process and its children, as container runtimes do.
void forbid_io_uring() {
  std::array<sock_filter, 4> filter = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{.len = filter.size(), .filter = filter.data()};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

TEST(BenchIoUring, RefusesInOneLineWhereTheKernelDoes) {
  // In a child: what is forbidden once stays so.
  EXPECT_EXIT(
      {
        forbid_io_uring();
        const ProgramResult result = run_program(small(CONCURRENCY_MODELS_BENCH_IO_URING));
        const bool as_wanted =
            result.status == 1 && result.out.empty() &&
            result.err.find(
                "bench: the kernel does not allow io_uring: Operation not permitted; "
                "allow it") == 0 &&
            result.err.find('\n') == result.err.size() - 1;
        ::fputs(result.err.c_str(), stderr);
        ::_exit(as_wanted ? 0 : 1);
      },
      testing::ExitedWithCode(0), "or run bench");
}

TEST(BenchIoUring, HelpsAndListsAllTheSame) {
  EXPECT_EXIT(
      {
        forbid_io_uring();
        ::_exit(run_program(small(CONCURRENCY_MODELS_BENCH_IO_URING, {"--benchmark_list_tests"}))
                    .status);
      },
      testing::ExitedWithCode(0), "");
}

#endif

}  // namespace
}  // namespace concurrency_models
