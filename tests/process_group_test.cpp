#include "concurrency_models/process_group.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include "concurrency_models/shared_array.h"
#include "file_descriptor.h"
#include "support/comes_true.h"
#include "support/ends_within_the_watchdog.h"
#include "support/in_child.h"
#include "support/leftovers.h"
#include "support/sanitizers.h"
#include "support/temporary_directory.h"
#include "support/test_stream.h"

namespace concurrency_models {
namespace {

using namespace std::chrono_literals;

ResourceUsage usage_of(int who) {
  ::rusage usage{};
  ::getrusage(who, &usage);
  return to_resource_usage(usage);
}

/// Computes until this process has spent so much user time.
void burn(std::chrono::microseconds time) {
  while (usage_of(RUSAGE_SELF).user < time) {
  }
}

[[noreturn]] void wait_for_a_signal() {
  ::alarm(2 * static_cast<unsigned>(watchdog.count()));  // a signal comes in any case
  while (true) ::pause();
}

TEST(ProcessGroupTest, RunsItsBodiesInProcessesOfTheirOwn) {
  SharedArray<pid_t> pids(3);
  SharedArray<unsigned> numbers(3);
  ProcessGroup group;
  for (unsigned i = 0; i < 3; ++i) {
    group.start([&](unsigned number) {
      pids[number] = ::getpid();
      numbers[number] = number + 10;
    });
  }
  EXPECT_EQ(group.size(), 3U);
  for (unsigned i = 0; i < 3; ++i) EXPECT_EQ(group.wait(i), 0);
  EXPECT_EQ(group.size(), 3U);
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_EQ(numbers[i], i + 10);
    EXPECT_NE(pids[i], ::getpid());
    EXPECT_NE(pids[i], pids[(i + 1) % 3]);
  }
}

#if defined(__linux__)
// It counts as the process's own, but nothing of it is inherited.
TEST(ProcessGroupTest, IsNotRefusedBecauseOfTheKernelsThreadsForIoUring) {
  std::promise<void> named;
  std::promise<void> done;
  std::thread other([&] {
    ::pthread_setname_np(::pthread_self(), "iou-wrk-1");
    named.set_value();
    done.get_future().wait();
  });
  named.get_future().wait();
  ProcessGroup group;
  EXPECT_NO_THROW(group.start([](unsigned) {}));
  done.set_value();
  other.join();
}

// The kernel goes on to list it: a joined one for a moment, the first of a process until its end.
TEST(ProcessGroupTest, IsNotRefusedBecauseOfThreadsThatEnded) {
  if (thread_sanitizer) GTEST_SKIP() << "ThreadSanitizer starts threads of its own in the child";
  const int status = in_child([] {
    std::thread([first = ::gettid()] {
      const auto has_ended = [first] {
        std::ifstream in("/proc/self/task/" + std::to_string(first) + "/stat");
        std::string stat;
        return std::getline(in, stat) && stat.find(") Z ") != std::string::npos;
      };
      if (!comes_true(has_ended)) ::_exit(2);
      try {
        ProcessGroup group;
        group.start([](unsigned) {});
        ::_exit(group.wait(0));
      } catch (const std::logic_error& error) {
        std::cerr << error.what() << '\n';
        ::_exit(1);
      }
    }).detach();
    // Ends this thread only, and without unwinding its stack.
    ::syscall(SYS_exit, 0);
    return 3;
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}
#endif

TEST(ProcessGroupTest, AreWaitedForInAnyOrder) {
  const Leftovers before = count_leftovers();
  ProcessGroup group;
  for (int i = 0; i < 3; ++i) {
    group.start([](unsigned number) { ::_exit(static_cast<int>(number)); });
  }
  for (const unsigned number : {2U, 0U, 1U}) {
    const int status = group.wait(number);  // a variable: macOS's macro takes its address
    EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(number));
  }
  EXPECT_EQ(count_leftovers(), before);
}

TEST(ProcessGroupTest, TellsExitStatusAndSignal) {
  ProcessGroup group;
  group.start([](unsigned) { ::_exit(42); });
  group.start([](unsigned) { ::raise(SIGKILL); });
  group.start([](unsigned) { throw std::runtime_error("a body gives up"); });
  group.start([](unsigned) {});
  const int exited = group.wait(0);
  EXPECT_TRUE(WIFEXITED(exited));
  EXPECT_EQ(WEXITSTATUS(exited), 42);
  const int killed = group.wait(1);
  EXPECT_TRUE(WIFSIGNALED(killed));
  EXPECT_EQ(WTERMSIG(killed), SIGKILL);
  const int failed = group.wait(2);
  EXPECT_TRUE(WIFEXITED(failed));
  EXPECT_EQ(WEXITSTATUS(failed), EXIT_FAILURE);
  EXPECT_EQ(group.wait(3), 0);
}

TEST(ProcessGroupTest, AddsUpWhatItsChildrenUsed) {
  constexpr std::size_t large = std::size_t{48} << 20;
  SharedArray<ResourceUsage> own_account(2);
  const ResourceUsage before = usage_of(RUSAGE_CHILDREN);
  ProcessGroup group;
  group.start([&own_account](unsigned number) {
    burn(60ms);
    own_account[number] = current_resource_usage();
  });
  group.start([&own_account](unsigned number) {
    burn(20ms);
    void* const memory =
        ::mmap(nullptr, large, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memset(memory, 1, large);
    own_account[number] = current_resource_usage();
  });
  EXPECT_EQ(group.usage().user, 0us) << "nobody was waited for yet";
  ASSERT_EQ(group.wait(0), 0);
  EXPECT_GE(group.usage().user, own_account[0].user);
  ASSERT_EQ(group.wait(1), 0);

  const ResourceUsage& used = group.usage();
  EXPECT_GE(used.user, own_account[0].user + own_account[1].user);
  EXPECT_GE(used.system, own_account[0].system + own_account[1].system);
  EXPECT_GE(used.minor_faults, own_account[0].minor_faults + own_account[1].minor_faults);
  EXPECT_GE(used.max_rss_kb, static_cast<std::int64_t>(large / 1024));
  EXPECT_LT(used.max_rss_kb, own_account[0].max_rss_kb + own_account[1].max_rss_kb);

  // The kernel's own sum over the same children, which it rounds once and not for each.
  const ResourceUsage witness = usage_of(RUSAGE_CHILDREN) - before;
  EXPECT_LE(std::chrono::abs(witness.user - used.user), 5us);
  EXPECT_LE(std::chrono::abs(witness.system - used.system), 5us);
  EXPECT_EQ(witness.voluntary_switches, used.voluntary_switches);
  EXPECT_EQ(witness.involuntary_switches, used.involuntary_switches);
  EXPECT_EQ(witness.minor_faults, used.minor_faults);
  EXPECT_EQ(witness.major_faults, used.major_faults);
}

TEST(ProcessGroupTest, CountsWhatItsChildrensChildrenUsed) {
  ProcessGroup group;
  group.start([](unsigned) {
    ::_exit(in_child([] {
      burn(50ms);
      return 0;
    }));
  });
  EXPECT_EQ(group.wait(0), 0);
  EXPECT_GE(group.usage().user, 50ms);
}

TEST(ProcessGroupTest, DoesNotForkBesideAnotherThread) {
  std::thread([] {}).join();  // with the first thread ThreadSanitizer starts one, for good
  const Leftovers before = count_leftovers();
  ProcessGroup group;
  {
    std::promise<void> enough;
    std::thread other([&enough] { enough.get_future().wait(); });
    EXPECT_THROW(group.start([](unsigned) {}), std::logic_error);
    enough.set_value();
    other.join();
  }
  EXPECT_EQ(group.size(), 0U);
  EXPECT_TRUE(comes_true([&before] { return count_leftovers() == before; })) << count_leftovers();
  group.start([](unsigned number) { ::_exit(number == 0 ? 0 : 1); });
  EXPECT_EQ(group.wait(0), 0);
}

// A joined thread is counted for a moment longer: it wakes whoever joins it before it is all gone.
// How long depends on luck, hence the rounds.
TEST(ProcessGroupTest, ForksRightAfterThreadsWereJoined) {
  for (int round = 0; round < 500; ++round) {
    std::thread([] {}).join();
    ProcessGroup group;
    ASSERT_NO_THROW(group.start([](unsigned) {})) << "in round " << round;
    ASSERT_EQ(group.wait(0), 0);
  }
}

TEST(ProcessGroupTest, SaysThatThreadsAreTheReason) {
  ProcessGroup group;
  std::promise<void> enough;
  std::thread other([&enough] { enough.get_future().wait(); });
  try {
    group.start([](unsigned) {});
    ADD_FAILURE() << "it forked";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find("1 other thread"), std::string::npos) << error.what();
  }
  enough.set_value();
  other.join();
}

TEST(ProcessGroupTest, AForkThatFailsLeavesTheGroupAsItWas) {
  const int status = in_child([] {
    ProcessGroup group;
    group.start([](unsigned) {});
    // Root is exempt from this limit, nobody (65534 wherever there is one) is not.
    constexpr rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (::setrlimit(RLIMIT_NPROC, &none) != 0) return 1;
    if (::getuid() == 0 && ::setuid(65534) != 0) return 2;
    try {
      group.start([](unsigned) {});
      return 3;
    } catch (const std::system_error& error) {
      if (error.code().value() != EAGAIN) return 4;
    }
    return group.size() == 1 && group.wait(0) == 0 ? 0 : 5;
  });
  EXPECT_EQ(status, 0) << "exit status " << WEXITSTATUS(status);
}

TEST(ProcessGroupTest, WhatIsBufferedComesOutOnce) {
  const TemporaryDirectory directory;
  const int status = in_child([&directory] {
    if (std::freopen(directory.file("out").c_str(), "w", stdout) == nullptr) return 1;
    std::cout << "by a stream, ";
    std::fputs("by C, ", stdout);
    ProcessGroup group;
    for (int i = 0; i < 2; ++i) {
      group.start([](unsigned number) {
        // Whatever a body writes, it must not find its parent's text in the buffer.
        std::cout << "by child " << number << ", " << std::flush;
        std::fflush(stdout);
      });
      if (group.wait(static_cast<unsigned>(i)) != 0) return 2;
    }
    std::cout << "the end" << std::flush;
    std::fflush(stdout);
    return 0;
  });
  ASSERT_EQ(status, 0);
  EXPECT_EQ(directory.read("out"), "by a stream, by C, by child 0, by child 1, the end");
}

TEST(ProcessGroupTest, NothingOfTheParentsIsDestroyedInAChild) {
  struct Witness {
    SharedArray<std::atomic<int>>& ends;
    ~Witness() { ++ends[0]; }
    explicit Witness(SharedArray<std::atomic<int>>& counter) : ends(counter) {}
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    Witness(Witness&&) = delete;
    Witness& operator=(Witness&&) = delete;
  };
  SharedArray<std::atomic<int>> ends(1);
  {
    const Witness witness(ends);
    ProcessGroup group;
    group.start([](unsigned) {});
    group.start([](unsigned) { throw std::runtime_error("even so"); });
    EXPECT_EQ(group.wait(0), 0);
    EXPECT_NE(group.wait(1), 0);
    EXPECT_EQ(ends[0], 0);
  }
  EXPECT_EQ(ends[0], 1);
}

TEST(ProcessGroupTest, ChildrenTakeSignalsByDefault) {
  const int status = in_child([] {
    ::signal(SIGTERM, SIG_IGN);
    ::signal(SIGINT, [](int) {});
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGTERM);
    sigaddset(&both, SIGINT);
    ::sigprocmask(SIG_BLOCK, &both, nullptr);
    ProcessGroup group;
    group.start([](unsigned) { ::raise(SIGTERM); });
    group.start([](unsigned) { ::raise(SIGINT); });
    const int first = group.wait(0);
    const int second = group.wait(1);
    if (!WIFSIGNALED(first) || WTERMSIG(first) != SIGTERM) return 1;
    if (!WIFSIGNALED(second) || WTERMSIG(second) != SIGINT) return 2;
    return 0;
  });
  EXPECT_EQ(status, 0) << "exit status " << WEXITSTATUS(status);
}

TEST(ProcessGroupTest, AChildDiesWithItsParent) {
#if !defined(__linux__)
  GTEST_SKIP() << "here a body has to ask parent_is_gone()";
#endif
  Pipe lifeline = make_pipe();
  const int status = in_child([&lifeline] {
    lifeline.read.close();
    Pipe started = make_pipe();
    ProcessGroup group;
    for (int i = 0; i < 2; ++i) {
      group.start([&started](unsigned) {
        (void)!::write(started.write.get(), "x", 1);
        wait_for_a_signal();
      });
    }
    char byte = 0;
    for (int i = 0; i < 2; ++i) {
      if (::read(started.read.get(), &byte, 1) != 1) return 1;
    }
    return ::raise(SIGKILL);
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  lifeline.write.close();
  EXPECT_TRUE(ends_within_the_watchdog(lifeline.read)) << "a child lives on";
}

TEST(ProcessGroupTest, KnowsThatTheParentIsThere) {
  EXPECT_FALSE(ProcessGroup::parent_is_gone()) << "this process is no child of a group";
  ProcessGroup group;
  group.start([](unsigned) { ::_exit(ProcessGroup::parent_is_gone() ? 1 : 0); });
  EXPECT_EQ(group.wait(0), 0);
}

TEST(ProcessGroupTest, DestructorLeavesNobody) {
  const Leftovers before = count_leftovers();
  Pipe lifeline = make_pipe();
  {
    ProcessGroup group;
    for (int i = 0; i < 3; ++i) group.start([](unsigned) { wait_for_a_signal(); });
    group.start([](unsigned) {});
    EXPECT_EQ(group.wait(3), 0);
  }
  lifeline.write.close();
  EXPECT_TRUE(ends_within_the_watchdog(lifeline.read));
  lifeline.read.close();
  EXPECT_EQ(count_leftovers(), before);
}

}  // namespace
}  // namespace concurrency_models
