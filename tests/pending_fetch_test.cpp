// A fetch in steps, driven by a loop that is nobody's event loop.
#include "concurrency_models/pending_fetch.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include "concurrency_models/job_run.h"
#include "support/deadlines.h"
#include "support/leftovers.h"
#include "support/scripted_server.h"
#include "support/test_origin.h"

namespace concurrency_models {
namespace {

void wait_and_proceed(PendingFetch& fetch) {
  pollfd wanted{.fd = fetch.descriptor(),
                .events = static_cast<short>(fetch.need() == Need::readable ? POLLIN : POLLOUT),
                .revents = 0};
  ASSERT_EQ(::poll(&wanted, 1, -1), 1);
  fetch.proceed();
}

void drive(PendingFetch& fetch) {
  while (fetch.need() != Need::nothing) wait_and_proceed(fetch);
}

TEST(PendingFetchTest, IsOverWhenItNeedsNothing) {
  const HttpClient client = test_client();
  const Fetch site = test_sites().front();
  PendingFetch fetch = client.begin(site);
  EXPECT_EQ(fetch.need(), Need::writable) << "to connect";
  drive(fetch);
  EXPECT_FALSE(fetch.result().error) << fetch.result().error.text();
  EXPECT_EQ(fetch.result().bytes, site.expected_bytes);
}

TEST(PendingFetchTest, ManyGoOnInTurns) {
  const HttpClient client = test_client();
  const std::vector<Fetch> sites = test_sites();
  std::vector<PendingFetch> fetches;
  fetches.reserve(sites.size());
  for (const Fetch& site : sites) fetches.push_back(client.begin(site));
  for (std::size_t left = fetches.size(); left > 0;) {
    left = 0;
    for (PendingFetch& fetch : fetches) {
      if (fetch.need() == Need::nothing) continue;
      wait_and_proceed(fetch);
      ++left;
    }
  }
  for (std::size_t i = 0; i < sites.size(); ++i) {
    EXPECT_EQ(fetches[i].result().bytes, sites[i].expected_bytes);
  }
}

TEST(PendingFetchTest, IsOverAtOnceIfNobodyListens) {
  const Fetch refused = refused_fetch();
  const HttpClient client = test_client();
  PendingFetch fetch = client.begin(refused);
  drive(fetch);
  EXPECT_EQ(fetch.result().error.stage, Stage::connect);
  EXPECT_EQ(fetch.result().error.code.value(), ECONNREFUSED);
}

TEST(PendingFetchTest, EndsWhenItsDriverGivesUp) {
  const Fetch site = test_sites().front();
  const HttpClient client = test_client();
  const Leftovers before = count_leftovers();
  {
    PendingFetch fetch = client.begin(site);
    fetch.fail(Error::deadline_exceeded);
    EXPECT_EQ(fetch.need(), Need::nothing);
    EXPECT_EQ(fetch.result().error.code, make_error_code(Error::deadline_exceeded));
    EXPECT_EQ(fetch.result().error.stage, Stage::connect);
  }
  EXPECT_EQ(count_leftovers(), before);
}

TEST(PendingFetchTest, HasTheClientsDeadline) {
  const Fetch site = test_sites().front();
  const HttpClient client({.ca_pem = test_origin().ca_pem(), .deadline = std::chrono::minutes(10)});
  const auto before = PendingFetch::TimePoint::clock::now();
  const PendingFetch fetch = client.begin(site);
  EXPECT_GE(fetch.deadline(), before + std::chrono::minutes(10));
  EXPECT_LE(fetch.deadline(), PendingFetch::TimePoint::clock::now() + std::chrono::minutes(10));
}

// Its driver looks at the clock where it waits. A peer that is fast enough never lets it wait, and
// what frames a chunk has no limit of its own but each chunk's.
TEST(PendingFetchTest, EndsByItselfWhereDataKeepsComing) {
  const ScriptedServer server([](TestStream& peer) {
    (void)read_request(peer);
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "1;" + std::string(50'000, 'x') + "\r\na\r\n";
    constexpr std::size_t far_too_many = 20'000;  // a GB
    for (std::size_t i = 0; i < far_too_many && peer.send(chunk); ++i) {
    }
  });
  const Fetch site = server.fetch("scripted.test");
  const HttpClient client({.ca_pem = test_origin().ca_pem(), .deadline = short_deadline});
  PendingFetch fetch = client.begin(site);
  drive(fetch);
  EXPECT_EQ(fetch.result().error.stage, Stage::body);
  EXPECT_EQ(fetch.result().error.code, make_error_code(Error::deadline_exceeded))
      << fetch.result().error.text();
}

TEST(PendingFetchTest, IsNoneForAJobWithoutARequest) {
  Workload workload{.name = "both", .jobs = std::vector<Job>(2)};
  workload.jobs[0].blocking.emplace(Fibonacci{5});
  workload.jobs[1].request = test_sites().front();
  const HttpClient client = test_client();
  JobRun run(workload, client);

  const PendingFetch none = run.begin_request(0);
  EXPECT_EQ(none.need(), Need::nothing);
  EXPECT_TRUE(run.end_request(0, none.result()));
  EXPECT_FALSE(run.done(0)) << "its blocking step is to come";

  PendingFetch fetch = run.begin_request(1, 7);
  drive(fetch);
  EXPECT_FALSE(run.end_request(1, fetch.result()));
  EXPECT_TRUE(run.done(1));
  EXPECT_EQ(run.records()[1].worker, 7U);
  EXPECT_EQ(run.records()[1].outcome.bytes, workload.jobs[1].request->expected_bytes);
}

}  // namespace
}  // namespace concurrency_models
