// Every execution model with fetches that reuse what was warmed up: all of them do, run after run,
// and a connection that goes wrong takes no other job with it.
#include <gtest/gtest.h>

#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "concurrency_models/event_loop_backend.h"
#include "concurrency_models/execution_model.h"
#include "concurrency_models/measure.h"
#include "concurrency_models/origin_fault.h"
#include "concurrency_models/origin_process.h"
#include "support/leftovers.h"
#include "support/test_origin.h"

concurrency_models::ExecutionModel mine();  // docs/examples/own_model/mine.cpp

namespace concurrency_models {

/// How GoogleTest shows a parameter.
void PrintTo(const ExecutionModel& model, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << model.name;
}

namespace {

std::vector<Fetch> sites() {
  return origin_fetches(true, loopback(test_origin_with_tickets().https_port()), 0);
}

class ConnectionConformance : public testing::TestWithParam<ExecutionModel> {
 protected:
  void SetUp() override {
    try {
      require_event_loop();
    } catch (const std::runtime_error& error) {
      GTEST_SKIP() << error.what();
    }
    // The origin is no leftover of a run, nor is the thread that ThreadSanitizer starts beside
    // the first other one.
    static_cast<void>(test_origin_with_tickets());
    std::thread([] {}).join();
  }

  [[nodiscard]] static unsigned workers() {
    return GetParam().policy == WorkerPolicy::bounded ? 2 : 0;
  }
  [[nodiscard]] static HttpClient client(ConnectionMode mode) {
    return HttpClient({.ca_pem = test_origin_with_tickets().ca_pem(), .connection = mode});
  }

  static void expect_all_reused(ConnectionMode mode) {
    const Leftovers before = count_leftovers();
    {
      const HttpClient reusing = client(mode);
      // Two fetches a job, of which an event loop awaits the first.
      const Workload workload =
          standard_workloads(sites(), 1, {.low = 5, .high = 5, .repeat = 1}).back();
      Measurer measurer(GetParam(), workload, reusing, workers());
      for (int run = 0; run < 2; ++run) {
        measurer.warm_up();
        measurer.run();
      }
      const Measurement measured = measurer.finish();
      for (const JobFailure& failure : measured.failures) ADD_FAILURE() << failure.what;
      EXPECT_EQ(measured.reused, 1.0);
    }
    EXPECT_EQ(count_leftovers_since(before), before);
  }
};

TEST_P(ConnectionConformance, ResumesEverySession) { expect_all_reused(ConnectionMode::resumed); }

TEST_P(ConnectionConformance, KeepsEveryConnection) {
  if (!can_keep_connections(GetParam())) GTEST_SKIP() << "a process for each job";
  expect_all_reused(ConnectionMode::keepalive);
}

TEST_P(ConnectionConformance, KeepsOneConnectionForOneJobInFlight) {
  if (GetParam().event_loop == EventLoop::absent) GTEST_SKIP() << "as many as it has workers";
  // Twice from each host, the second time over the connection of the first.
  const Workload workload = standard_workloads(sites(), 20, {}).front();
  const HttpClient keeping = client(ConnectionMode::keepalive);
  EXPECT_EQ(fetches_at_once(GetParam(), 1, 1), 1U);
  const bool one_by_one = GetParam().name == "sequential" || GetParam().name == "async_sequential";
  EXPECT_EQ(fetches_at_once(GetParam(), 4, 30) == 1, one_by_one);
  Measurer measurer(GetParam(), workload, keeping, 1, {}, 1);
  measurer.run();
  const Measurement measured = measurer.finish();
  for (const JobFailure& failure : measured.failures) ADD_FAILURE() << failure.what;
  EXPECT_EQ(measured.reused, 1.0);
}

TEST_P(ConnectionConformance, TellsOfConnectionsThatGoWrong) {
  if (!can_keep_connections(GetParam())) GTEST_SKIP() << "a process for each job";
  Workload workload{.name = "faulty", .jobs = {}};
  for (const Fetch& site : sites()) workload.jobs.emplace_back().request = site;
  const auto meet = [&](std::size_t job, std::string_view fault) {
    workload.jobs[job].request = faulty_fetch(sites()[job], *find_origin_fault(fault), {});
  };
  meet(1, "close_before_header");  // as a server does that no longer wants the connection
  meet(4, "close_in_body");
  meet(7, "status_500");
  const Measurement measured =
      measure(GetParam(), workload, client(ConnectionMode::keepalive), workers());
  ASSERT_EQ(measured.failures.size(), 3U);
  EXPECT_EQ(measured.failures[0].job, 1U);
  EXPECT_EQ(measured.failures[0].error.code, Error::kept_connection_closed);
  EXPECT_EQ(measured.failures[1].job, 4U);
  EXPECT_EQ(measured.failures[1].error.code, Error::truncated);
  EXPECT_EQ(measured.failures[2].job, 7U);
  EXPECT_EQ(measured.failures[2].error.code.value(), 500);
}

TEST_P(ConnectionConformance, FailsAFetchThatReusedNothing) {
  // This origin hands out no tickets.
  const HttpClient resuming(
      {.ca_pem = test_origin().ca_pem(), .connection = ConnectionMode::resumed});
  Workload workload{.name = "fresh", .jobs = std::vector<Job>(1)};
  workload.jobs.front().request = test_sites().front();
  const Measurement measured = measure(GetParam(), workload, resuming, workers());
  ASSERT_EQ(measured.failures.size(), 1U);
  EXPECT_EQ(measured.failures.front().error.stage, Stage::check);
  EXPECT_EQ(measured.failures.front().error.code, Error::not_reused);
  EXPECT_EQ(measured.reused, 0.0);
}

std::vector<ExecutionModel> models() {
  std::vector<ExecutionModel> models(all_models().begin(), all_models().end());
  models.push_back(mine());
  return models;
}

INSTANTIATE_TEST_SUITE_P(Models, ConnectionConformance, testing::ValuesIn(models()),
                         [](const auto& model) { return model.param.name; });

}  // namespace
}  // namespace concurrency_models
