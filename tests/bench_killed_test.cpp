// bench ended from outside, at the moments of its life: whatever ends it, no process that it has
// started is left, and what it had measured is there and can be read.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

#include "concurrency_models/execution_model.h"
#include "support/children_of.h"
#include "support/comes_true.h"
#include "support/core_files.h"
#include "support/run_program.h"
#include "support/sanitizers.h"
#include "support/strict_json.h"
#include "support/temporary_directory.h"

#if defined(__linux__)
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>

#include "file_descriptor.h"

namespace concurrency_models {
namespace {

using nlohmann::json;

/// So many processes at least besides the origin: what workers there are are at work.
void wait_for_children(const RunningProgram& bench, std::size_t count) {
  ASSERT_TRUE(comes_true([&] { return children_of(bench.pid()).size() >= count; }));
}

/// A moment of the life of bench: what it is to do, and how to know that it is there.
struct Moment {
  std::string name;
  std::vector<std::string> arguments;
  void (*wait)(RunningProgram& bench);
  std::size_t rows;  ///< results that are finished by then
  bool reports;      ///< the document has begun
};

constexpr const char* deaf =
    "ThreadSanitizer holds signals back while bench waits, for a worker or for a reader";

constexpr std::size_t origin_and_worker = 2;

void wait_for_nothing(RunningProgram& /*bench*/) {}
void wait_for_the_origin(RunningProgram& bench) { wait_for_children(bench, 1); }
void wait_for_the_context(RunningProgram& bench) {
  static_cast<void>(bench.read_until("\"benchmarks\": ["));
}
void wait_for_workers(RunningProgram& bench) { wait_for_children(bench, origin_and_worker); }

std::vector<Moment> moments() {
  std::vector<Moment> all = {
      {.name = "at_once",
       .arguments = {"--benchmark_filter=io_sequential/"},
       .wait = wait_for_nothing,
       .rows = 0,
       .reports = false},
      {.name = "while_the_origin_starts",
       .arguments = {"--benchmark_filter=io_sequential/"},
       .wait = wait_for_the_origin,
       .rows = 0,
       .reports = false},
      {.name = "in_the_warm_up",
       .arguments = {"--benchmark_filter=io_sequential/", "--benchmark_min_warmup_time=1000"},
       .wait = wait_for_the_context,
       .rows = 0,
       .reports = true},
  };
  for (const ExecutionModel& model : all_models()) {
    if (!model.forks) continue;
    // A quick case first, whose result must be kept.
    const auto filter = [&model](const std::string& workload) {
      return "--benchmark_filter=io_sequential/|" + workload + '_' + model.name + '/';
    };
    const std::vector<std::string> common = {"--models", "sequential," + model.name, "--workloads"};
    std::vector<std::string> computing = common;
    computing.insert(computing.end(), {"io,cpu", "--fibonacci", "50:50:1", filter("cpu")});
    all.push_back({.name = "while_" + model.name + "_computes",
                   .arguments = computing,
                   .wait = wait_for_workers,
                   .rows = 1,
                   .reports = true});
    std::vector<std::string> fetching = common;
    fetching.insert(fetching.end(), {"io,blocking", "--fault", "stall_in_body", "--fault-in",
                                     "blocking", "--deadline", "1000", filter("blocking")});
    all.push_back({.name = "while_" + model.name + "_fetches",
                   .arguments = fetching,
                   .wait = wait_for_workers,
                   .rows = 1,
                   .reports = true});
  }
  return all;
}

/// How GoogleTest shows a parameter.
void PrintTo(const Moment& moment, std::ostream* out) { *out << moment.name; }  // NOLINT: its name

class BenchKilled : public testing::Test {
 protected:
  /// From now on processes whose parents are gone are this one's children.
  void SetUp() override {
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ASSERT_TRUE(switch_core_files_off());
  }

  void kill(const RunningProgram& bench, int signal) {
    killed_ = Clock::now();
    bench.send_signal(signal);
  }

  /// Reaps what bench left; true unless anything lives on, or has lived on for too long.
  [[nodiscard]] bool nobody_is_left() {
    const bool gone = comes_true([] {
      pid_t reaped = 0;
      do {
        reaped = ::waitpid(-1, nullptr, WNOHANG);
      } while (reaped > 0);
      return reaped < 0 && errno == ECHILD;
    });
    const auto took = Clock::now() - killed_;
    for (const pid_t orphan : children_of(::getpid())) ::kill(orphan, SIGKILL);
    longest_ = std::max(longest_, took);
    RecordProperty("seconds_until_gone",
                   std::to_string(std::chrono::duration<double>(longest_).count()));
    return gone && took < orphans_watchdog;
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// Two seconds are promised, half of which are for a reader that has stopped. A machine may be
  /// busy.
  static constexpr std::chrono::seconds orphans_watchdog{10};

  Clock::time_point killed_;
  Clock::duration longest_{};
};

class BenchKilledAt : public BenchKilled,
                      public testing::WithParamInterface<std::tuple<Moment, int>> {};

TEST_P(BenchKilledAt, LeavesNobodyAndAllThatWasMeasured) {
  const auto& [moment, signal] = GetParam();
  if (thread_sanitizer && moment.wait == wait_for_workers && signal != SIGKILL) {
    GTEST_SKIP() << deaf;
  }
  const TemporaryDirectory directory;
  const std::string file = directory.file("results.json");
  std::vector<std::string> command = {CONCURRENCY_MODELS_BENCH, "--latency-scale", "0",
                                      "--benchmark_min_time=0", "--benchmark_format=json",
                                      "--benchmark_out=" + file,
                                      // Calibrating has processes as well, before any case has run.
                                      "--efficiency=false"};
  command.insert(command.end(), moment.arguments.begin(), moment.arguments.end());
  RunningProgram bench(command);
  moment.wait(bench);
  if (testing::Test::HasFatalFailure()) return;
  if (moment.reports) {
    ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(file); }));
    ASSERT_TRUE(comes_true([&] { return std::filesystem::file_size(file) > 0; }));
  }
  kill(bench, signal);
  const ProgramResult result = bench.finish();
  EXPECT_TRUE(nobody_is_left());
  EXPECT_EQ(result.status, 128 + signal) << result.err;
  EXPECT_LE(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  if (!moment.reports) return;
  EXPECT_EQ(parse_strictly(directory.read("results.json"))["benchmarks"].size(), moment.rows);
  if (moment.wait == wait_for_workers && signal != SIGKILL) {
    EXPECT_EQ(parse_strictly(result.out)["benchmarks"].size(), moment.rows);
  }
}

std::string moment_and_signal(const testing::TestParamInfo<std::tuple<Moment, int>>& parameter) {
  return std::get<0>(parameter.param).name + '_' + std::to_string(std::get<1>(parameter.param));
}

const auto signals = testing::Values(SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGKILL);

INSTANTIATE_TEST_SUITE_P(Moments, BenchKilledAt,
                         testing::Combine(testing::ValuesIn(moments()), signals),
                         moment_and_signal);

class BenchKilledBy : public BenchKilled, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(Signals, BenchKilledBy, signals);

// Between any two pieces of its output, and after the last: then the origin is about to leave.
TEST_P(BenchKilledBy, BetweenItsRows) {
  const int signal = GetParam();
  constexpr int cases = 6;
  const std::string filter =
      "--benchmark_filter=cpu_(sequential|threads|processes|thread_pool|process_pool|async)/";
  for (int read = 0; read <= cases; ++read) {
    const TemporaryDirectory directory;
    RunningProgram bench({CONCURRENCY_MODELS_BENCH, "--latency-scale", "0", "--fibonacci", "5:6:1",
                          "--benchmark_min_time=0", "--benchmark_format=json", filter,
                          "--benchmark_out=" + directory.file("results.json")});
    wait_for_the_context(bench);
    for (int row = 0; row < read; ++row) static_cast<void>(bench.read_until("\"real_time\":"));
    kill(bench, signal);
    const ProgramResult result = bench.finish();
    EXPECT_TRUE(nobody_is_left());
    // It may have come to its end before the signal came.
    if (result.status != 0) {
      EXPECT_EQ(result.status, 128 + signal) << result.err;
    }
    const std::string text = directory.read("results.json");
    if (text.empty() && read == 0) continue;  // before its own context
    // The file's turn is after that of standard output.
    EXPECT_GE(static_cast<int>(parse_strictly(text)["benchmarks"].size()), read - 1);
  }
}

class BenchKilledAmidLines : public BenchKilled, public testing::WithParamInterface<std::string> {};

INSTANTIATE_TEST_SUITE_P(Formats, BenchKilledAmidLines, testing::Values("csv", "console"));

// These need no end that a handler would write: by whatever signal, the same is there.
TEST_P(BenchKilledAmidLines, LeavesThoseOfWhatWasMeasured) {
  const TemporaryDirectory directory;
  RunningProgram bench({CONCURRENCY_MODELS_BENCH, "--latency-scale", "0", "--fibonacci", "50:50:1",
                        "--benchmark_min_time=0", "--efficiency=false",
                        "--benchmark_filter=io_sequential/|cpu_processes/",
                        "--benchmark_out=" + directory.file("results"),
                        "--benchmark_out_format=" + GetParam()});
  wait_for_workers(bench);
  kill(bench, SIGKILL);
  EXPECT_EQ(bench.finish().status, 128 + SIGKILL);
  EXPECT_TRUE(nobody_is_left());
  const std::string text = directory.read("results");
  EXPECT_NE(text.find("io_sequential/real_time"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with('\n')) << text;
}

/// Waiting in a write to standard output: "1 0x1 …" in /proc/PID/syscall, see proc(5).
bool waits_for_a_reader(const RunningProgram& bench) {
  std::ifstream in("/proc/" + std::to_string(bench.pid()) + "/syscall");
  std::string call;
  std::string file;
  return (in >> call >> file) && call == std::to_string(SYS_write) && file == "0x1";
}

// As when it writes into a pager that has enough for its screen.
TEST_P(BenchKilledBy, WhileNobodyReadsWhatItWrites) {
  const int signal = GetParam();
  if (thread_sanitizer && signal != SIGKILL) GTEST_SKIP() << deaf;
  const TemporaryDirectory directory;
  const std::string fifo = directory.file("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  // Both ends are held here, so that opening it does not wait.
  const FileDescriptor both(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_GE(::fcntl(both.get(), F_SETPIPE_SZ, 4096), 4096);
  RunningProgram bench({"/bin/sh", "-c", "exec \"$0\" \"$@\" >" + fifo, CONCURRENCY_MODELS_BENCH,
                        "--latency-scale", "0", "--fibonacci", "5:6:1", "--benchmark_min_time=0",
                        "--benchmark_format=json", "--benchmark_repetitions=50",
                        "--benchmark_filter=cpu_sequential/",
                        "--benchmark_out=" + directory.file("results.json")});
  ASSERT_TRUE(comes_true([&] { return waits_for_a_reader(bench); }));
  kill(bench, signal);
  const ProgramResult result = bench.finish();
  EXPECT_TRUE(nobody_is_left());
  EXPECT_EQ(result.status, 128 + signal) << result.err;
}

TEST_P(BenchKilledBy, LeavesATerminalAsItWas) {
  const int signal = GetParam();
  if (thread_sanitizer && signal != SIGKILL) GTEST_SKIP() << deaf;
  const FileDescriptor ours(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (ours.get() < 0 || ::grantpt(ours.get()) != 0 || ::unlockpt(ours.get()) != 0) {
    GTEST_SKIP() << "needs a pseudoterminal";
  }
  std::array<char, 256> name{};
  ASSERT_EQ(::ptsname_r(ours.get(), name.data(), name.size()), 0);
  const FileDescriptor theirs(::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  termios before{};
  ASSERT_EQ(::tcgetattr(theirs.get(), &before), 0);
  RunningProgram bench(
      {"/bin/sh", "-c", std::string("exec \"$0\" \"$@\" >") + name.data(), CONCURRENCY_MODELS_BENCH,
       "--latency-scale", "0", "--fibonacci", "50:50:1", "--benchmark_min_time=0",
       "--benchmark_filter=io_sequential/|cpu_processes/"},
      {{"TERM", "xterm-256color"}});
  // The case that ends, ends in colours.
  std::string shown;
  set_non_blocking(ours.get());
  ASSERT_TRUE(comes_true([&] {
    std::array<char, 4096> piece{};
    const ssize_t got = ::read(ours.get(), piece.data(), piece.size());
    if (got > 0) shown.append(piece.data(), static_cast<std::size_t>(got));
    return shown.find("wall_s=") != std::string::npos;
  }));
  wait_for_children(bench, origin_and_worker);
  kill(bench, signal);
  const ProgramResult result = bench.finish();
  EXPECT_TRUE(nobody_is_left());
  EXPECT_EQ(result.status, 128 + signal) << result.err;
  termios after{};
  ASSERT_EQ(::tcgetattr(theirs.get(), &after), 0);
  EXPECT_EQ(after.c_iflag, before.c_iflag);
  EXPECT_EQ(after.c_oflag, before.c_oflag);
  EXPECT_EQ(after.c_cflag, before.c_cflag);
  EXPECT_EQ(after.c_lflag, before.c_lflag);
  EXPECT_NE(shown.find("\033["), std::string::npos) << "no colour at all";
  EXPECT_EQ(shown.substr(shown.rfind("\033["), 3), "\033[m") << "its last colour stays";
}

}  // namespace
}  // namespace concurrency_models

#endif
