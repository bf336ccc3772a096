#include "concurrency_models/origin_process.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "concurrency_models/cores.h"
#include "concurrency_models/http_client.h"
#include "concurrency_models/standard_workloads.h"
#include "support/comes_true.h"
#include "support/in_child.h"
#include "support/leftovers.h"
#include "support/temporary_directory.h"
#include "support/test_stream.h"

namespace concurrency_models {
namespace {

OriginProcess::Options test_options() {
  return {.program = CONCURRENCY_MODELS_ORIGIN, .affinity = {}, .host_names = {}};
}

FetchResult fetch_from(const OriginProcess& origin, bool secure = true) {
  const std::uint16_t port = secure ? origin.https_port() : origin.http_port();
  return HttpClient({.ca_pem = origin.ca_pem()})
      .get(origin_fetches(secure, loopback(port), 0).front());
}

TEST(OriginProcessTest, AnswersFromTheStart) {
  const OriginProcess origin(test_options());
  EXPECT_EQ(fetch_from(origin, true).error.text(), JobError{}.text());
  EXPECT_EQ(fetch_from(origin, false).error.text(), JobError{}.text());
  EXPECT_TRUE(origin.ca_pem().starts_with("-----BEGIN CERTIFICATE-----\n"));
  EXPECT_TRUE(origin.ca_pem().ends_with("-----END CERTIFICATE-----\n"));
}

TEST(OriginProcessTest, IsAProcessOfItsOwn) {
  const OriginProcess origin(test_options());
  EXPECT_NE(origin.pid(), ::getpid());
  EXPECT_EQ(::kill(origin.pid(), 0), 0);
  // A terminal sends Ctrl-C to a whole process group.
  EXPECT_NE(::getpgid(origin.pid()), ::getpgrp());
}

TEST(OriginProcessTest, IsGoneWithItsHandle) {
  const Leftovers before = count_leftovers();
  pid_t pid = 0;
  {
    const OriginProcess origin(test_options());
    pid = origin.pid();
    EXPECT_EQ(count_leftovers().children, before.children + 1);
  }
  EXPECT_EQ(count_leftovers(), before) << "with no zombie, no descriptor";
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(OriginProcessTest, IsReapedEvenIfItDiedBefore) {
  const Leftovers before = count_leftovers();
  {
    const OriginProcess origin(test_options());
    ASSERT_EQ(::kill(origin.pid(), SIGKILL), 0);
  }
  EXPECT_EQ(count_leftovers(), before);
}

TEST(OriginProcessTest, WaitsForClientsAsLongAsItIsTold) {
  using namespace std::chrono_literals;
  OriginProcess::Options options = test_options();
  options.answer_timeout = 200ms;
  const OriginProcess origin(options);
  Fetch stalled = origin_fetches(false, loopback(origin.http_port()), 0).front();
  stalled.url.target += "&fault=stall_in_body";
  const JobError error = HttpClient({.ca_pem = {}, .deadline = watchdog}).get(stalled).error;
  EXPECT_EQ(error.text(), "response body: Connection reset by peer");
}

TEST(OriginProcessTest, ManyMayRunAtOnce) {
  const OriginProcess first(test_options());
  const OriginProcess second(test_options());
  EXPECT_NE(first.https_port(), second.https_port());
  EXPECT_FALSE(fetch_from(first).error);
  EXPECT_FALSE(fetch_from(second).error);
}

#if defined(__linux__)
TEST(OriginProcessTest, TellsItsProcessorTime) {
  const OriginProcess origin(test_options());
  const auto before = origin.cpu_time();
  ASSERT_TRUE(before);
  EXPECT_GT(before->count(), 0);
  ASSERT_FALSE(fetch_from(origin).error);
  const auto after = origin.cpu_time();
  EXPECT_GT(*after, *before) << "a handshake is work";

  // A witness: what it says of itself.
  Fetch account;
  account.url = {
      .secure = false, .host = "127.0.0.1", .port = origin.http_port(), .target = "/cpu"};
  account.endpoint = loopback(origin.http_port());
  std::string text;
  ASSERT_FALSE(HttpClient({.ca_pem = origin.ca_pem()}).get_text(account, text).error);
  EXPECT_GE(std::stod(text), after->count());
  EXPECT_LE(std::stod(text), origin.cpu_time()->count());
}

/// Where the system lets it run, whatever its handle says.
std::vector<unsigned> processors_of(const OriginProcess& origin) {
  cpu_set_t allowed;
  EXPECT_EQ(::sched_getaffinity(origin.pid(), sizeof allowed, &allowed), 0);
  std::vector<unsigned> processors;
  for (unsigned i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &allowed)) processors.push_back(i);
  }
  return processors;
}

/// No machine has it, as no process may have those outside its cgroup's set.
constexpr unsigned no_processor = 4095;

TEST(OriginProcessTest, RunsWhereItIsTold) {
  OriginProcess::Options options = test_options();
  options.affinity = {affinity().back()};
  const OriginProcess origin(options);
  EXPECT_EQ(processors_of(origin), options.affinity);
  EXPECT_EQ(origin.affinity(), options.affinity);
}

TEST(OriginProcessTest, RunsWhereItMayOfWhereItIsTold) {
  OriginProcess::Options options = test_options();
  const unsigned last = affinity().back();
  options.affinity = {last, no_processor};
  const OriginProcess origin(options);
  EXPECT_EQ(processors_of(origin), std::vector<unsigned>{last});
  EXPECT_EQ(origin.affinity(), std::vector<unsigned>{last})
      << "what it got, not what was asked for";
}

TEST(OriginProcessTest, ClaimsNoAffinityItDidNotGet) {
  OriginProcess::Options options = test_options();
  options.affinity = {no_processor};
  const OriginProcess origin(options);
  EXPECT_EQ(processors_of(origin), affinity());
  EXPECT_EQ(origin.affinity(), std::vector<unsigned>{});
  EXPECT_FALSE(fetch_from(origin).error) << "it serves all the same";
}

TEST(OriginProcessTest, InheritsNoDescriptors) {
  const OriginProcess first(test_options());
  const OriginProcess second(test_options());
  // Were the first one's pipe among the second one's descriptors, the first could not see it close.
  const auto descriptors = [](pid_t pid) {
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(pid) + "/fd");
    return std::distance(begin(all), end(all));
  };
  // They open their last ones when they have said that they are ready.
  EXPECT_TRUE(comes_true([&] { return descriptors(first.pid()) == descriptors(second.pid()); }));
}
#endif

TEST(OriginProcessTest, TakesHostNames) {
  OriginProcess::Options options = test_options();
  options.host_names = {"one.test", "two.test"};
  const OriginProcess origin(options);
  const HttpClient client({.ca_pem = origin.ca_pem()});
  Fetch fetch = origin_fetches(true, loopback(origin.https_port()), 0).front();
  EXPECT_EQ(client.get(fetch).error.stage, Stage::handshake) << "not for this name";
  for (const std::string& name : options.host_names) {
    fetch.url.host = name;
    EXPECT_FALSE(client.get(fetch).error) << name;
  }
}

/// What starting such an origin throws, which must name the program and leave nothing behind.
std::string refusal(const std::string& program) {
  const Leftovers before = count_leftovers();
  std::string text;
  try {
    OriginProcess::Options options;
    options.program = program;
    const OriginProcess origin(options);
    ADD_FAILURE() << program << " was taken for an origin";
  } catch (const std::runtime_error& error) {
    text = error.what();
  }
  EXPECT_NE(text.find(program), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  EXPECT_NE(text.find("; "), std::string::npos) << text << " lacks what to do";
  EXPECT_EQ(count_leftovers(), before);
  return text;
}

/// A shell script, made executable.
std::string script(const TemporaryDirectory& directory, const std::string& body) {
  std::string path = directory.write("program", "#!/bin/sh\n" + body);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

TEST(OriginProcessTest, AMissingProgramIsAnErrorThatNamesIt) {
  const TemporaryDirectory directory;
  EXPECT_NE(refusal(directory.file("origin")).find("No such file"), std::string::npos);
}

TEST(OriginProcessTest, AFileThatIsNoProgramIsAnErrorThatNamesIt) {
  const TemporaryDirectory directory;
  EXPECT_NE(refusal(directory.write("origin", "text")).find("ermission"), std::string::npos);
}

TEST(OriginProcessTest, AProgramThatEndsIsAnError) {
  const TemporaryDirectory directory;
  EXPECT_NE(refusal(script(directory, "exit 0\n")).find("ended before it was ready"),
            std::string::npos);
  EXPECT_NE(refusal(script(directory, "echo https_port 1\nkill -9 $$\n")).find("ended before"),
            std::string::npos);
}

class OtherProgramTest : public testing::TestWithParam<std::string> {};

TEST_P(OtherProgramTest, IsAnErrorAndEnds) {
  const TemporaryDirectory directory;
  const std::string program = script(
      directory, "echo \"" + GetParam() + "\"\necho -----END CERTIFICATE-----\nexec sleep 1000\n");
  EXPECT_NE(refusal(program).find("some other program"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(FirstLines, OtherProgramTest,
                         testing::Values("", "hello", "http_port 1\nhttps_port 2",
                                         "https_port x\nhttp_port 2", "https_port 1",
                                         "https_port 70000\nhttp_port 2"));

TEST(OriginProcessTest, LeavesWhenItsParentIsKilled) {
  // Whatever happens to whoever started it: nobody closes anything, and nobody kills it.
  Pipe lifeline = make_pipe();
  const int status = in_child([&lifeline] {
    const FileDescriptor held(::dup(lifeline.write.get()));  // the origin inherits this one
    const OriginProcess origin(test_options());
    if (fetch_from(origin).error) return 1;
    return ::raise(SIGKILL);
  });
  EXPECT_EQ(status, SIGKILL);
  lifeline.write.close();
  set_non_blocking(lifeline.read.get());
  char byte = 0;
  EXPECT_TRUE(comes_true([&] { return ::read(lifeline.read.get(), &byte, 1) == 0; }));
}

}  // namespace
}  // namespace concurrency_models
