// The clock of a remote origin, against one that says what the test wants.
#include "origin_cpu.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "concurrency_models/http_client.h"
#include "support/scripted_server.h"
#include "support/test_origin.h"

namespace concurrency_models::bench {
namespace {

class RemoteOriginClock : public testing::Test {
 protected:
  /// A clock that is answered these, one after the other, the first three while it is made.
  OriginCpuClock clock_of(std::vector<std::string> answers) {
    server_.emplace(
        [answers = std::move(answers), next = std::size_t{0}](TestStream& peer) mutable {
          (void)read_request(peer);
          if (next < answers.size()) peer.send(answers[next++]);
          peer.end_sending();
          peer.wait_for_end();
        });
    return remote_origin_clock(client_, server_->fetch("scripted.test"));
  }

  /// The same, whose readings are these.
  OriginCpuClock clock_that_shows(const std::vector<std::string>& readings) {
    std::vector<std::string> answers;
    answers.reserve(readings.size());
    for (const std::string& reading : readings) answers.push_back(ok_answer(reading + "\n"));
    return clock_of(answers);
  }

 private:
  const HttpClient client_{ClientOptions{}};
  std::optional<ScriptedServer> server_;
};

TEST_F(RemoteOriginClock, TakesOffWhatItsOwnReadingsCost) {
  // The cheapest of the first costs 0.5 s.
  const OriginCpuClock clock = clock_that_shows({"1", "2", "2.5", "3.25", "14"});
  ASSERT_TRUE(clock);
  EXPECT_EQ(clock(), Seconds(3.25 - 0.5));
  EXPECT_EQ(clock(), Seconds(14 - 2 * 0.5));
}

TEST_F(RemoteOriginClock, NeverRunsBackwards) {
  const OriginCpuClock clock = clock_that_shows({"1", "2", "3", "6", "6.25", "9"});
  EXPECT_EQ(clock(), Seconds(6 - 1));
  EXPECT_EQ(clock(), Seconds(6 - 1)) << "a reading that cost less than those at the beginning";
  EXPECT_EQ(clock(), Seconds(9 - 3));
}

TEST_F(RemoteOriginClock, OfAnOriginThatWasStartedAnewCostsNothing) {
  const OriginCpuClock clock = clock_that_shows({"5", "2", "1", "4"});
  EXPECT_EQ(clock(), Seconds(4));
}

TEST_F(RemoteOriginClock, IsNoneWhereNothingIsToBeReadAtFirst) {
  const std::string good = ok_answer("1");
  for (const std::string& bad :
       {ok_answer("no number"), ok_answer(""), ok_answer("-1"), ok_answer("nan"), std::string(),
        std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\n1")}) {
    EXPECT_FALSE(clock_of({bad, good, good})) << bad;
    EXPECT_FALSE(clock_of({good, bad, good})) << bad;
    EXPECT_FALSE(clock_of({good, good, bad})) << bad;
  }
}

TEST_F(RemoteOriginClock, ShowsNothingWhereNothingIsToBeReadLater) {
  const OriginCpuClock clock = clock_that_shows({"1", "1", "1", "no number", "3"});
  EXPECT_FALSE(clock());
  EXPECT_EQ(clock(), Seconds(3));
}

TEST(OriginCpu, OfTheOriginIsTheKernelsFigure) {
  if (!test_origin().cpu_time()) GTEST_SKIP() << "the system does not tell";
  const HttpClient client = test_client();
  Fetch fetch = test_sites().front();
  fetch.url.target = origin_cpu_target;
  fetch.expected_bytes.reset();
  const OriginCpuClock clock = remote_origin_clock(client, fetch);
  ASSERT_TRUE(clock);
  // What it takes off itself is less than what the origin has used in all.
  for (int i = 0; i < 3; ++i) {
    EXPECT_GT(*clock(), Seconds(0));
    EXPECT_LE(*clock(), *test_origin().cpu_time());
  }
}

}  // namespace
}  // namespace concurrency_models::bench
