// What becomes of a run whose worker processes die, under every execution model that has any: one
// suite over the rows of the table that fork. The deaths are real.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

#include "concurrency_models/event_loop_backend.h"
#include "concurrency_models/execution_model.h"
#include "concurrency_models/origin_fault.h"
#include "concurrency_models/shared_array.h"
#include "file_descriptor.h"
#include "leave_child.h"
#include "support/comes_true.h"
#include "support/core_files.h"
#include "support/ends_within_the_watchdog.h"
#include "support/in_child.h"
#include "support/in_workers.h"
#include "support/leftovers.h"
#include "support/memory_cgroup.h"
#include "support/sanitizers.h"
#include "support/test_origin.h"

#if defined(__linux__)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

concurrency_models::ExecutionModel mine();  // docs/examples/own_model/mine.cpp

namespace concurrency_models {

/// How GoogleTest shows a parameter.
void PrintTo(const ExecutionModel& model, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << model.name;
}

namespace {

/// The group that who eats memory goes into, where there can be one.
std::optional<MemoryCgroup>& cramped() {
  static std::optional<MemoryCgroup> group;
  return group;
}

void die_of_sigkill() { ::raise(SIGKILL); }

void die_of_sigterm() { ::raise(SIGTERM); }

void die_of_a_bad_address() {
  ::signal(SIGSEGV, SIG_DFL);  // sanitizers have a handler of their own
  void* const nothing = ::mmap(nullptr, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *static_cast<volatile char*>(nothing) = 1;
}

void die_of_abort() {
  ::signal(SIGABRT, SIG_DFL);
  std::abort();
}

constexpr std::uint64_t little_memory = std::uint64_t{64} << 20;

/// Until the kernel's out-of-memory killer comes.
void die_of_hunger() {
  if (!cramped()->enter()) ::_exit(99);
  constexpr std::size_t piece = std::size_t{1} << 20;
  for (std::uint64_t eaten = 0; eaten < 2 * little_memory; eaten += piece) {
    void* const memory =
        ::mmap(nullptr, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) ::_exit(98);
    std::memset(memory, 1, piece);
  }
  ::_exit(97);
}

void leave_by_exit() { std::exit(3); }  // NOLINT(concurrency-mt-unsafe): that is what is tested

void leave_at_once() { ::_exit(4); }

void leave_in_good_order() { ::_exit(0); }

/// A way to die, and what the job's error must say of it.
struct Death {
  std::string name;
  void (*die)();
  std::string says;
};

const std::vector<Death>& deaths() {
  static const std::vector<Death> all = {
      {"sigkill", die_of_sigkill, "work: its worker process was killed by SIGKILL (signal 9, "},
      {"sigterm", die_of_sigterm, "work: its worker process was killed by SIGTERM (signal 15, "},
      {"sigsegv", die_of_a_bad_address, "work: its worker process was killed by SIGSEGV (signal "},
      {"sigabrt", die_of_abort, "work: its worker process was killed by SIGABRT (signal 6, "},
      {"out_of_memory", die_of_hunger, "work: its worker process was killed by SIGKILL (signal 9"},
      {"exit", leave_by_exit, "work: its worker process exited with status 3"},
      {"exit_at_once", leave_at_once, "work: its worker process exited with status 4"},
      {"exit_successfully", leave_in_good_order, "work: its worker process exited with status 0"},
  };
  return all;
}

/// How GoogleTest shows a parameter.
void PrintTo(const Death& death, std::ostream* out) { *out << death.name; }  // NOLINT: its name

/// What the timer's handler needs in a worker: set before the fork, but for the worker's number.
struct Fate {
  JobRun* jobs = nullptr;
  std::set<std::size_t> doomed;
  void (*die)() = nullptr;
  unsigned worker = 0;
};

Fate& fate() {
  static Fate the_fate;
  return the_fate;
}

/// In the middle of the blocking step of a doomed job.
bool is_at_a_doomed_job() {
  const Fate& mine = fate();
  return std::any_of(mine.doomed.begin(), mine.doomed.end(), [&mine](std::size_t job) {
    const JobRecord& record = mine.jobs->records()[job];
    return record.state.load() == JobState::running && record.worker == mine.worker &&
           record.timeline.blocking_start != JobTimeline::TimePoint{};
  });
}

void look(int /*signal*/) {
  const int error = errno;
  if (is_at_a_doomed_job()) fate().die();
  errno = error;
}

/// Has the process look a thousand times a second, in a handler, whether it is to die.
void watch_for_fate(unsigned number) {
  fate().worker = number;
  struct sigaction action = {};
  action.sa_handler = look;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &action, nullptr);
  constexpr ::itimerval often{.it_interval = {.tv_sec = 0, .tv_usec = 1000},
                              .it_value = {.tv_sec = 0, .tv_usec = 1000}};
  ::setitimer(ITIMER_REAL, &often, nullptr);
}

constexpr unsigned endless = 90;  // centuries of recursion

Workload computing(const std::vector<unsigned>& numbers) {
  Workload workload{.name = "numbers", .jobs = {}};
  for (const unsigned n : numbers) workload.jobs.emplace_back().blocking.emplace(Fibonacci{n});
  return workload;
}

/// An answer that never comes to its end.
Fetch stalled_fetch() {
  return faulty_fetch(test_sites().front(), *find_origin_fault("stall_in_body"), {});
}

Fetch slow_fetch(std::chrono::milliseconds delay) {
  Fetch fetch = test_sites().front();
  fetch.url.target = origin_target(delay, *fetch.expected_bytes);
  return fetch;
}

bool succeeded(const Workload& workload, const JobRecords& records, std::size_t job) {
  const JobRecord& record = records[job];
  const ExpectedOutcome expected = expected_outcome(workload.jobs[job]);
  return record.state == JobState::done && !record.error &&
         record.outcome.bytes == expected.bytes && record.outcome.number == expected.number;
}

bool was_never_run(const JobRecord& record) {
  return record.state != JobState::done || record.error.code == Error::never_run;
}

bool is_bounded(const ExecutionModel& model) { return model.policy == WorkerPolicy::bounded; }

unsigned two_workers(const ExecutionModel& model) { return is_bounded(model) ? 2 : 0; }

/// Every model whose workers are processes.
std::vector<ExecutionModel> forking_models() {
  std::vector<ExecutionModel> models(all_models().begin(), all_models().end());
  models.push_back(mine());
  std::erase_if(models, [](const ExecutionModel& model) { return !model.forks; });
  return models;
}

/// Skips where the event loop cannot be had, and keeps core files away.
template <class Test>
class WorkerDeathSetUp : public Test {
 protected:
  void SetUp() override {
    try {
      require_event_loop();
    } catch (const std::runtime_error& error) {
      GTEST_SKIP() << error.what();
    }
    ASSERT_TRUE(switch_core_files_off());
    static_cast<void>(test_origin());  // no leftover of the first run that needs it
    before_ = count_leftovers();
  }

  /// The next run in this process is as if nothing had happened.
  void expect_nothing_left(const ExecutionModel& model) {
    EXPECT_EQ(count_leftovers_since(before_), before_);
    const Workload workload = computing({5, 6, 7, 8});
    const RunReport report = run(model, workload, test_client(), two_workers(model));
    for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
      EXPECT_TRUE(succeeded(workload, report.records, job)) << report.records[job].error.text();
    }
    EXPECT_EQ(report.used.processes, is_bounded(model) ? 2 : workload.jobs.size());
    EXPECT_EQ(count_leftovers_since(before_), before_);
  }

 private:
  Leftovers before_;
};

/// Runs it with workers that die by `die` in the middle of the blocking steps of `doomed`.
void run_doomed(const ExecutionModel& model, JobRun& jobs, const std::set<std::size_t>& doomed,
                void (*die)()) {
  fate() = {.jobs = &jobs, .doomed = doomed, .die = die, .worker = 0};
  const InWorkers hook(watch_for_fate);
  static_cast<void>(model.run(jobs, two_workers(model)));
}

class WorkerDeath
    : public WorkerDeathSetUp<testing::TestWithParam<std::tuple<ExecutionModel, Death>>> {
 protected:
  void SetUp() override {
    WorkerDeathSetUp::SetUp();
    if (IsSkipped() || death().die != die_of_hunger) return;
    try {
      cramped().emplace(little_memory);
    } catch (const std::runtime_error& error) {
      GTEST_SKIP() << "needs a control group with little memory: " << error.what();
    }
  }
  void TearDown() override { cramped().reset(); }

  [[nodiscard]] static const ExecutionModel& model() { return std::get<0>(GetParam()); }
  [[nodiscard]] static const Death& death() { return std::get<1>(GetParam()); }

  void expect_this_death(const JobError& error) {
    EXPECT_EQ(error.stage, Stage::work);
    EXPECT_EQ(error.code.category(), process_exit_category());
    EXPECT_TRUE(error.text().starts_with(death().says)) << error.text();
  }

  /// One job ends its worker, the others stand.
  void run_with_doomed_job(const Workload& workload, std::size_t doomed) {
    const HttpClient client = test_client();
    JobRun jobs(workload, client);
    run_doomed(model(), jobs, {doomed}, death().die);
    expect_this_death(jobs.records()[doomed].error);
    for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
      if (job == doomed) continue;
      EXPECT_TRUE(succeeded(workload, jobs.records(), job))
          << "job " << job << ": " << jobs.records()[job].error.text();
    }
    expect_nothing_left(model());
  }
};

constexpr const char* deaf =
    "ThreadSanitizer delivers signals to who computes only when that is over";

TEST_P(WorkerDeath, WhileItComputesFailsThatJobOnly) {
  if (thread_sanitizer) GTEST_SKIP() << deaf;
  run_with_doomed_job(computing({endless, 5, 6, 7, 8, 9}), 0);
}

TEST_P(WorkerDeath, AmongOthersJobsFailsThatJobOnly) {
  if (thread_sanitizer) GTEST_SKIP() << deaf;
  run_with_doomed_job(computing({5, 6, 7, endless, 8, 9}), 3);
}

TEST_P(WorkerDeath, WhileItFetchesFailsThatJobOnly) {
  if (death().die == leave_by_exit)
    GTEST_SKIP() << "exit is not for handlers that interrupt libraries";
  Workload workload = computing({5, 6, 7, 8, 9});
  workload.jobs[1].blocking.emplace(stalled_fetch());
  workload.jobs[3].blocking.emplace(test_sites().front());
  run_with_doomed_job(workload, 1);
}

TEST_P(WorkerDeath, OfAllOfThemFailsWhatTheyWereAtAndWhatIsLeft) {
  if (thread_sanitizer) GTEST_SKIP() << deaf;
  const Workload workload = computing({endless, endless, 5, 6});
  const HttpClient client = test_client();
  JobRun jobs(workload, client);
  run_doomed(model(), jobs, {0, 1}, death().die);
  expect_this_death(jobs.records()[0].error);
  expect_this_death(jobs.records()[1].error);
  for (const std::size_t job : {2U, 3U}) {
    if (is_bounded(model())) {
      EXPECT_TRUE(was_never_run(jobs.records()[job])) << jobs.records()[job].error.text();
    } else {
      EXPECT_TRUE(succeeded(workload, jobs.records(), job));
    }
  }
  expect_nothing_left(model());
}

// A worker with an event loop of its own may be at many jobs at once.
TEST_P(WorkerDeath, TakesWithItWhatElseItWasAt) {
  if (thread_sanitizer) GTEST_SKIP() << deaf;
  Workload workload{.name = "requests", .jobs = std::vector<Job>(8)};
  for (Job& job : workload.jobs) job.request = slow_fetch(std::chrono::milliseconds(50));
  const std::size_t doomed = 6;
  workload.jobs[doomed].request.reset();
  workload.jobs[doomed].blocking.emplace(Fibonacci{endless});
  const HttpClient client = test_client();
  JobRun jobs(workload, client);
  run_doomed(model(), jobs, {doomed}, death().die);
  const JobRecord& dead = jobs.records()[doomed];
  expect_this_death(dead.error);
  const bool many_at_once = model().event_loop == EventLoop::stalled;
  for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
    const JobRecord& record = jobs.records()[job];
    if (succeeded(workload, jobs.records(), job)) continue;
    EXPECT_EQ(record.error.code, dead.error.code) << record.error.text();
    EXPECT_EQ(record.claimed_by, dead.claimed_by);
    EXPECT_TRUE(job == doomed || many_at_once) << job;
  }
  expect_nothing_left(model());
}

TEST_P(WorkerDeath, BeforeItTookAJobLosesNone) {
  const Workload workload = computing({5, 6, 7, 8});
  const HttpClient client = test_client();
  JobRun jobs(workload, client);
  {
    const InWorkers hook([](unsigned number) {
      if (number == 0) death().die();
    });
    static_cast<void>(model().run(jobs, two_workers(model())));
  }
  for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
    if (job == 0 && !is_bounded(model())) {
      expect_this_death(jobs.records()[job].error);  // a process for each job: this one's
    } else {
      EXPECT_TRUE(succeeded(workload, jobs.records(), job)) << jobs.records()[job].error.text();
    }
  }
  expect_nothing_left(model());
}

INSTANTIATE_TEST_SUITE_P(Models, WorkerDeath,
                         testing::Combine(testing::ValuesIn(forking_models()),
                                          testing::ValuesIn(deaths())),
                         [](const auto& parameter) {
                           return std::get<0>(parameter.param).name + "_" +
                                  std::get<1>(parameter.param).name;
                         });

class WorkerProcesses : public WorkerDeathSetUp<testing::TestWithParam<ExecutionModel>> {
 protected:
  [[nodiscard]] static const ExecutionModel& model() { return GetParam(); }
};

#if defined(__linux__)

/// From now on this system call ends the process by SIGSYS, instead of being made. False: the
/// kernel does not let us.
bool die_at_system_call(long number) {
  const std::array<sock_filter, 4> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog filter{.len = program.size(),
                          .filter = const_cast<sock_filter*>(program.data())};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// The system calls that workers make, as far as this processor has them.
const std::vector<long>& calls_of_workers() {
  static const std::vector<long> calls = {
    SYS_read,
    SYS_write,
    SYS_close,
    SYS_ppoll,
    SYS_socket,
    SYS_connect,
    SYS_recvmsg,
    SYS_sendmsg,
    SYS_recvfrom,
    SYS_sendto,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_futex,
    SYS_munmap,
    SYS_getsockopt,
    SYS_eventfd2,
    SYS_exit_group,
    SYS_shutdown,
    SYS_setsockopt,
    SYS_timerfd_settime,
#if defined(SYS_poll)
    SYS_poll,
    SYS_epoll_wait,
#endif
  };
  return calls;
}

// In the middle of a job, between jobs, between a job's end and the message that it has ended, at
// the very end: workers make system calls everywhere.
TEST_P(WorkerProcesses, MayDieAtAnySystemCall) {
  if (in_child([] { return die_at_system_call(SYS_getpriority) ? 0 : 1; }) != 0) {
    GTEST_SKIP() << "needs a kernel that lets processes filter their system calls (seccomp)";
  }
  Workload workload = computing({5, 6, 7, 8});
  workload.jobs[1].blocking.emplace(test_sites().front());
  workload.jobs[2].request = test_sites()[1];
  const HttpClient client = test_client();
  std::size_t died = 0;
  for (const bool all : {false, true}) {
    for (const long call : calls_of_workers()) {
      SCOPED_TRACE("system call " + std::to_string(call) + (all ? "" : ", one worker only"));
      JobRun jobs(workload, client);
      {
        const InWorkers hook([call, all](unsigned number) {
          if (all || number == 0) static_cast<void>(die_at_system_call(call));
        });
        static_cast<void>(model().run(jobs, two_workers(model())));
      }
      for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
        const JobRecord& record = jobs.records()[job];
        if (succeeded(workload, jobs.records(), job)) continue;
        const std::string says = record.error.text();
        const bool by_death = says.find("killed by SIGSYS") != std::string::npos;
        if (by_death) ++died;
        // As long as one worker is left, none is left undone; and at the end all is done.
        EXPECT_TRUE(by_death || (all && was_never_run(record))) << "job " << job << ": " << says;
        EXPECT_NE(call, SYS_exit_group) << "job " << job << ": " << says;
      }
    }
  }
  EXPECT_GT(died, 0U) << "no worker made one of these calls in a job";
  expect_nothing_left(model());
}

/// 'R', 'S', 'T' …, as proc(5) has them; nothing if there is no such process.
std::optional<char> state_of(pid_t process) {
  std::ifstream in("/proc/" + std::to_string(process) + "/stat");
  std::string stat;
  if (!std::getline(in, stat)) return std::nullopt;
  const auto name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= stat.size()) return std::nullopt;
  return stat[name_end + 2];
}

#endif

/// Where a worker that stops leaves its process id, once.
SharedArray<std::atomic<pid_t>>& stopped() {
  static SharedArray<std::atomic<pid_t>> process(1);
  return process;
}

void stop_once() {
  pid_t nobody = 0;
  if (stopped()[0].compare_exchange_strong(nobody, ::getpid())) ::raise(SIGSTOP);
}

#if defined(__linux__)

/// Runs a workload whose worker stops itself in the middle of job 1, while another process sends it
/// this signal as soon as it has stopped.
void run_with_stopped_worker(const ExecutionModel& model, JobRun& jobs, int signal) {
  stopped()[0] = 0;
  const pid_t attendant = ::fork();
  if (attendant == 0) {
    pid_t worker = 0;
    const bool seen = comes_true([&worker] {
      worker = stopped()[0];
      return worker != 0 && state_of(worker) == 'T';
    });
    leave_child(seen && ::kill(worker, signal) == 0 ? 0 : 1);
  }
  run_doomed(model, jobs, {1}, stop_once);
  int status = 0;
  while (::waitpid(attendant, &status, 0) < 0 && errno == EINTR) {
  }
  EXPECT_EQ(status, 0) << "the worker did not stop";
}

Workload with_slow_step() {
  Workload workload = computing({5, 6, 7, 8});
  workload.jobs[1].blocking.emplace(slow_fetch(std::chrono::milliseconds(300)));
  return workload;
}

TEST_P(WorkerProcesses, StoppedAndContinuedIsAsIfNothingHadHappened) {
  const Workload workload = with_slow_step();
  const HttpClient client = test_client();
  JobRun jobs(workload, client);
  run_with_stopped_worker(model(), jobs, SIGCONT);
  for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
    EXPECT_TRUE(succeeded(workload, jobs.records(), job)) << jobs.records()[job].error.text();
  }
  expect_nothing_left(model());
}

TEST_P(WorkerProcesses, StoppedCanBeKilled) {
  const Workload workload = with_slow_step();
  const HttpClient client = test_client();
  JobRun jobs(workload, client);
  run_with_stopped_worker(model(), jobs, SIGKILL);
  for (std::size_t job = 0; job < workload.jobs.size(); ++job) {
    const JobRecord& record = jobs.records()[job];
    if (job == 1) {
      EXPECT_NE(record.error.text().find("SIGKILL"), std::string::npos) << record.error.text();
    } else {
      EXPECT_TRUE(succeeded(workload, jobs.records(), job)) << record.error.text();
    }
  }
  expect_nothing_left(model());
}

void do_nothing() {}

/// What workers are at when their parent is killed.
struct Occupation {
  const char* name;
  Job job;
  void (*fate)();
};

std::vector<Occupation> occupations() {
  std::vector<Occupation> all(3);
  all[0] = {.name = "computing", .job = {}, .fate = do_nothing};
  all[0].job.blocking.emplace(Fibonacci{endless});
  all[1] = {.name = "waiting for an answer", .job = {}, .fate = do_nothing};
  all[1].job.blocking.emplace(stalled_fetch());
  all[2] = {.name = "stopped", .job = all[1].job, .fate = stop_once};
  return all;
}

TEST_P(WorkerProcesses, EndWhenTheirParentIsKilled) {
  for (const Occupation& occupation : occupations()) {
    SCOPED_TRACE(occupation.name);
    const Workload workload{.name = "long", .jobs = {2, occupation.job}};
    const HttpClient client = test_client();
    JobRun jobs(workload, client);
    stopped()[0] = 0;
    Pipe lifeline = make_pipe();  // its read end ends when all who have the other are gone
    const pid_t parent = ::fork();
    if (parent == 0) {
      lifeline.read.close();
      run_doomed(model(), jobs, {0, 1}, occupation.fate);
      leave_child(0);
    }
    lifeline.write.close();
    const bool under_way = comes_true([&] {
      if (occupation.fate == stop_once) return stopped()[0] != 0 && state_of(stopped()[0]) == 'T';
      const JobTimeline::TimePoint never{};
      return jobs.records()[0].timeline.blocking_start != never &&
             jobs.records()[1].timeline.blocking_start != never;
    });
    EXPECT_TRUE(under_way);
    ::kill(parent, SIGKILL);
    int status = 0;
    while (::waitpid(parent, &status, 0) < 0 && errno == EINTR) {
    }
    EXPECT_EQ(status, SIGKILL);
    EXPECT_TRUE(ends_within_the_watchdog(lifeline.read)) << "a worker lives on";
  }
  expect_nothing_left(model());
}

#endif

INSTANTIATE_TEST_SUITE_P(Models, WorkerProcesses, testing::ValuesIn(forking_models()),
                         [](const auto& model) { return model.param.name; });

}  // namespace
}  // namespace concurrency_models
