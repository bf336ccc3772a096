// What jobs cost, measured alone. Figures are compared with each other, not with what they should
// be on some machine.
#include "concurrency_models/cost_meter.h"

#include <gtest/gtest.h>

#include <chrono>

#include "concurrency_models/cores.h"
#include "concurrency_models/standard_workloads.h"
#include "support/test_origin.h"

namespace concurrency_models {
namespace {

using std::chrono::microseconds;

class CostMeterTest : public testing::Test {
 protected:
  static Fetch fetch(microseconds latency) {
    Fetch site = origin_fetches(true, loopback(test_origin().https_port()), 1).front();
    site.latency = latency;
    return site;
  }
  static Workload one(Job job) { return {.name = "one", .jobs = {std::move(job)}}; }

  HttpClient client_ = test_client();
  CostMeter meter_{client_, [] { return test_origin().cpu_time(); }};
};

TEST_F(CostMeterTest, TellsWhatAFetchCostsBothEndsAndHowLongItWaits) {
  const auto costs = meter_.costs(one({.request = fetch(microseconds(7)), .blocking = {}}));
  ASSERT_TRUE(costs);
  const StepCost& cost = costs->at(0).request.value();
  EXPECT_GT(cost.client_cpu, Seconds::zero());
  EXPECT_EQ(cost.latency, microseconds(7));
  if (test_origin().cpu_time()) {
    EXPECT_GT(cost.origin_cpu, Seconds::zero());
  }
  EXPECT_FALSE(costs->at(0).blocking);
}

TEST_F(CostMeterTest, TellsWhatANumberCostsByItsSize) {
  const auto costs = meter_.costs({.name = "two",
                                   .jobs = {{.request = {}, .blocking = Fibonacci{10}},
                                            {.request = {}, .blocking = Fibonacci{20}}}});
  ASSERT_TRUE(costs);
  const Seconds small = costs->at(0).blocking.value().client_cpu;
  EXPECT_GT(small, Seconds::zero());
  EXPECT_DOUBLE_EQ(costs->at(1).blocking.value().client_cpu / small, 6765.0 / 55);
}

TEST_F(CostMeterTest, MeasuresEachThingOnce) {
  const Workload work = one({.request = fetch(microseconds(0)), .blocking = Fibonacci{30}});
  const auto first = meter_.costs(work);
  const auto second = meter_.costs(work);
  EXPECT_EQ(first->at(0).request->client_cpu, second->at(0).request->client_cpu);
  EXPECT_EQ(first->at(0).blocking->client_cpu, second->at(0).blocking->client_cpu);
  EXPECT_EQ(meter_.capacity(), meter_.capacity());
}

TEST_F(CostMeterTest, DoesNotKnowWhatIsUpToOthers) {
  Fetch of_unknown_latency = fetch(microseconds(0));
  of_unknown_latency.latency.reset();
  EXPECT_FALSE(meter_.costs(one({.request = of_unknown_latency, .blocking = {}})));
  EXPECT_FALSE(meter_.costs(one({.request = {}, .blocking = of_unknown_latency})));
  EXPECT_FALSE(meter_.costs(one({.request = {}, .blocking = FileRead{.path = "/", .bytes = 1}})));
  Fetch refused = refused_fetch();
  refused.latency = microseconds(0);
  refused.expected_bytes = 1;
  EXPECT_FALSE(meter_.costs(one({.request = refused, .blocking = {}})));
}

TEST_F(CostMeterTest, FindsNoMoreCoresThanThereAre) {
  EXPECT_GE(meter_.capacity(), 1);
  EXPECT_LE(meter_.capacity(), available_cores());
}

}  // namespace
}  // namespace concurrency_models
