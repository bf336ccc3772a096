#include "concurrency_models/standard_workloads.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace concurrency_models {
namespace {

std::vector<Workload> study() {
  return standard_workloads(origin_fetches(true, loopback(4433), 1), default_fetches, {});
}

/// Hosts of the jobs' requests, by the two digits in their names.
std::vector<std::string> hosts(const Workload& workload) {
  std::vector<std::string> numbers;
  for (const Job& job : workload.jobs) {
    numbers.push_back(job.request ? job.request->url.host.substr(4, 2) : "none");
  }
  return numbers;
}

std::vector<std::string> in_turn(std::size_t size) {
  std::vector<std::string> numbers;
  for (std::size_t i = 0; i < size; ++i) {
    numbers.push_back(std::to_string(100 + i % 10 + 1).substr(1));
  }
  return numbers;
}

unsigned number_of(const Job& job) { return std::get<Fibonacci>(job.blocking.value()).n; }

TEST(StandardWorkloadsTest, AreTheStudysFourInOrder) {
  const std::vector<Workload> workloads = study();
  ASSERT_EQ(workloads.size(), 4U);
  EXPECT_EQ(workloads[0].name, "io");
  EXPECT_EQ(workloads[1].name, "cpu");
  EXPECT_EQ(workloads[2].name, "mixed");
  EXPECT_EQ(workloads[3].name, "blocking");
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    EXPECT_EQ(workloads[i].name, standard_workload_names().at(i));
  }
  EXPECT_EQ(workloads[0].jobs.size(), 30U);
  EXPECT_EQ(workloads[1].jobs.size(), 21U);
  EXPECT_EQ(workloads[2].jobs.size(), 10U);
  EXPECT_EQ(workloads[3].jobs.size(), 20U);
}

TEST(StandardWorkloadsTest, TheConvoyIsLedByTheLargestNumber) {
  const Workload convoy = convoy_workload(origin_fetches(true, loopback(4433), 1), {});
  EXPECT_EQ(convoy.name, "convoy");
  ASSERT_EQ(convoy.jobs.size(), 11U);
  EXPECT_FALSE(convoy.jobs[0].request);
  EXPECT_EQ(number_of(convoy.jobs[0]), 38U);
  for (std::size_t i = 1; i < convoy.jobs.size(); ++i) {
    ASSERT_TRUE(convoy.jobs[i].request);
    EXPECT_FALSE(convoy.jobs[i].blocking);
  }
  EXPECT_EQ(convoy.jobs[1].request->url.host.substr(4, 2), "01");
}

TEST(StandardWorkloadsTest, DiskReadsOneFileAfterAnother) {
  const Workload disk = disk_workload({{.path = "/a", .bytes = 1}, {.path = "/b", .bytes = 2}});
  EXPECT_EQ(disk.name, "disk");
  ASSERT_EQ(disk.jobs.size(), 2U);
  EXPECT_FALSE(disk.jobs[1].request);
  EXPECT_EQ(std::get<FileRead>(disk.jobs[1].blocking.value()).path, "/b");
  EXPECT_EQ(expected_outcome(disk.jobs[1]).bytes, 2U);
  EXPECT_EQ(describe(disk.jobs[1]), "/b");
}

TEST(StandardWorkloadsTest, AllNamesBeginWithTheStudysFour) {
  const auto all = all_workload_names();
  const auto& standard = standard_workload_names();
  ASSERT_GT(all.size(), standard.size());
  for (std::size_t i = 0; i < standard.size(); ++i) EXPECT_EQ(all[i], standard.at(i));
  // Filters such as io_ would otherwise select another workload along.
  for (const std::string_view name : all) {
    for (const std::string_view other : all) EXPECT_TRUE(name == other || !name.ends_with(other));
  }
}

TEST(StandardWorkloadsTest, IoFetchesFromTheHostsInTurn) {
  const Workload io = study()[0];
  EXPECT_EQ(hosts(io), in_turn(30));
  for (const Job& job : io.jobs) EXPECT_FALSE(job.blocking);
}

TEST(StandardWorkloadsTest, CpuComputesTheNumbersAscendingThreeTimes) {
  const Workload cpu = study()[1];
  std::vector<unsigned> numbers;
  for (const Job& job : cpu.jobs) {
    EXPECT_FALSE(job.request);
    numbers.push_back(number_of(job));
  }
  const std::vector<unsigned> expected = {32, 33, 34, 35, 36, 37, 38, 32, 33, 34, 35,
                                          36, 37, 38, 32, 33, 34, 35, 36, 37, 38};
  EXPECT_EQ(numbers, expected);
}

TEST(StandardWorkloadsTest, MixedFetchesThenComputes) {
  const Workload mixed = study()[2];
  EXPECT_EQ(hosts(mixed), in_turn(10));
  for (const Job& job : mixed.jobs) EXPECT_EQ(number_of(job), 36U);
}

TEST(StandardWorkloadsTest, BlockingFetchesTheSameTwice) {
  const Workload blocking = study()[3];
  EXPECT_EQ(hosts(blocking), in_turn(20));
  for (const Job& job : blocking.jobs) {
    const auto& again = std::get<Fetch>(job.blocking.value());
    EXPECT_EQ(again.url, job.request->url);
    EXPECT_EQ(again.endpoint, job.request->endpoint);
    EXPECT_EQ(again.expected_bytes, job.request->expected_bytes);
  }
}

TEST(StandardWorkloadsTest, NumberOfFetchesIsThatOfIoAlone) {
  for (const std::size_t fetches : {0U, 1U, 9U, 11U, 1000U}) {
    const auto workloads =
        standard_workloads(origin_fetches(true, loopback(1), 1), fetches, FibonacciRange{});
    EXPECT_EQ(hosts(workloads[0]), in_turn(fetches));
    EXPECT_EQ(workloads[1].jobs.size(), 21U);
    EXPECT_EQ(workloads[2].jobs.size(), 10U);
    EXPECT_EQ(workloads[3].jobs.size(), 20U);
  }
}

TEST(StandardWorkloadsTest, FewSitesRepeat) {
  std::vector<Fetch> sites = origin_fetches(true, loopback(1), 1);
  sites.resize(3);
  const auto workloads = standard_workloads(sites, 7, FibonacciRange{});
  const std::vector<std::string> seven = {"01", "02", "03", "01", "02", "03", "01"};
  EXPECT_EQ(hosts(workloads[0]), seven);
  EXPECT_EQ(workloads[2].jobs.size(), 10U);
  EXPECT_EQ(workloads[2].jobs[9].request->url.host, sites[0].url.host);
  EXPECT_EQ(workloads[3].jobs.size(), 20U);
  EXPECT_EQ(workloads[3].jobs[19].request->url.host, sites[1].url.host);
}

TEST(StandardWorkloadsTest, AnyRangeOfNumbersWillDo) {
  const auto workloads = standard_workloads(origin_fetches(true, loopback(1), 1), 1,
                                            {.low = 7, .high = 8, .repeat = 2});
  std::vector<unsigned> numbers;
  for (const Job& job : workloads[1].jobs) numbers.push_back(number_of(job));
  const std::vector<unsigned> expected = {7, 8, 7, 8};
  EXPECT_EQ(numbers, expected);
  EXPECT_EQ(number_of(workloads[2].jobs[0]), 7U);
}

TEST(FibonacciRangeTest, ThirdLargestIsTheSmallestOfFewer) {
  EXPECT_EQ((FibonacciRange{.low = 32, .high = 38, .repeat = 3}).third_largest(), 36U);
  EXPECT_EQ((FibonacciRange{.low = 5, .high = 7, .repeat = 1}).third_largest(), 5U);
  EXPECT_EQ((FibonacciRange{.low = 5, .high = 6, .repeat = 1}).third_largest(), 5U);
  EXPECT_EQ((FibonacciRange{.low = 5, .high = 5, .repeat = 1}).third_largest(), 5U);
  EXPECT_EQ((FibonacciRange{.low = 1, .high = 2, .repeat = 1}).third_largest(), 1U);
  EXPECT_EQ((FibonacciRange{.low = 1, .high = 1, .repeat = 9}).third_largest(), 1U);
}

TEST(OriginFetchesTest, CarryWhatTheOriginShallDo) {
  const std::vector<Fetch> fetches = origin_fetches(true, loopback(4433), 1);
  ASSERT_EQ(fetches.size(), 10U);
  EXPECT_EQ(fetches[0].url.text(), "https://host01.origin.test:4433/?delay_us=4000&bytes=1024");
  EXPECT_EQ(fetches[0].expected_bytes, 1024U);
  EXPECT_EQ(fetches[9].url.text(), "https://host10.origin.test:4433/?delay_us=38000&bytes=65536");
  EXPECT_EQ(fetches[9].expected_bytes, 65536U);
  for (const Fetch& fetch : fetches) {
    EXPECT_EQ(fetch.endpoint, loopback(4433));
    EXPECT_EQ(parse_url(fetch.url.text()), fetch.url);
  }
}

TEST(OriginFetchesTest, ComeWithoutTlsToo) {
  for (const Fetch& fetch : origin_fetches(false, loopback(8080), 1)) {
    EXPECT_FALSE(fetch.url.secure);
    EXPECT_EQ(fetch.url.port, 8080);
  }
}

std::string first_target(double latency_scale) {
  return origin_fetches(true, loopback(1), latency_scale).front().url.target;
}

TEST(OriginFetchesTest, ScaledLatenciesAreRoundedToMicroseconds) {
  EXPECT_EQ(first_target(0), "/?delay_us=0&bytes=1024");
  EXPECT_EQ(first_target(0.5), "/?delay_us=2000&bytes=1024");
  EXPECT_EQ(first_target(2.5), "/?delay_us=10000&bytes=1024");
  EXPECT_EQ(first_target(0.00033), "/?delay_us=1&bytes=1024");  // 1.32
  EXPECT_EQ(first_target(0.00038), "/?delay_us=2&bytes=1024");  // 1.52
  EXPECT_EQ(first_target(0.0001), "/?delay_us=0&bytes=1024");   // 0.4
  EXPECT_EQ(first_target(0.1), "/?delay_us=400&bytes=1024");    // 400.000…02 in binary
  EXPECT_EQ(first_target(1000), "/?delay_us=4000000&bytes=1024");
}

}  // namespace
}  // namespace concurrency_models
