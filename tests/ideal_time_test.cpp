// The ideal of workloads for which it can be told by hand. All times are seconds.
#include "concurrency_models/ideal_time.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace concurrency_models {
namespace {

using Jobs = std::vector<JobCost>;
using enum ModelShape;

StepCost step(double client_cpu, double origin_cpu, double latency) {
  return {.client_cpu = Seconds(client_cpu),
          .origin_cpu = Seconds(origin_cpu),
          .latency = Seconds(latency)};
}

JobCost computes(double cpu) { return {.request = {}, .blocking = step(cpu, 0, 0)}; }

JobCost fetches(double client_cpu, double latency, double origin_cpu = 0) {
  return {.request = step(client_cpu, origin_cpu, latency), .blocking = {}};
}

/// On cores of which the origin takes none.
double ideal(const Jobs& jobs, ModelShape shape, std::size_t count, double cores) {
  return ideal_time(jobs, shape, count, {.cores = cores, .origin_shares = false}).count();
}

TEST(IdealTime, OfWorkersIsThatOfTakingJobsInOrder) {
  const Jobs longest_first = {computes(3), computes(1), computes(1), computes(1)};
  EXPECT_DOUBLE_EQ(ideal(longest_first, workers, 1, 2), 6);
  EXPECT_DOUBLE_EQ(ideal(longest_first, workers, 2, 2), 3);
  const Jobs longest_last = {computes(1), computes(1), computes(1), computes(3)};
  EXPECT_DOUBLE_EQ(ideal(longest_last, workers, 2, 2), 4);
  EXPECT_DOUBLE_EQ(ideal(longest_last, workers, 9, 9), 3);
}

TEST(IdealTime, SharesTheCoresAmongThoseThatCompute) {
  EXPECT_DOUBLE_EQ(ideal({computes(3), computes(3)}, workers, 2, 1), 6);
  EXPECT_DOUBLE_EQ(ideal({computes(3), computes(3)}, workers, 2, 1.5), 4);
  // Three quarters of a core each until the second is through, then one.
  EXPECT_DOUBLE_EQ(ideal({computes(3), computes(1)}, workers, 2, 1.5), 4.0 / 3 + 2);
}

TEST(IdealTime, OfWaitingTakesAWorkerButNoCore) {
  EXPECT_DOUBLE_EQ(ideal(Jobs(4, fetches(0, 2)), workers, 2, 1), 4);
  EXPECT_DOUBLE_EQ(ideal(Jobs(3, fetches(1, 5)), workers, 3, 1), 3 + 5);
  EXPECT_DOUBLE_EQ(ideal(Jobs(3, fetches(1, 5)), workers, 1, 1), 3 * (1 + 5));
}

TEST(IdealTime, OfAnEventLoopWaitsForAllAtOnce) {
  EXPECT_DOUBLE_EQ(ideal(Jobs(3, fetches(1, 5)), event_loops, 1, 2), 3 + 5);
  EXPECT_DOUBLE_EQ(ideal({fetches(1, 9), fetches(1, 1), fetches(1, 1)}, event_loops, 1, 2), 1 + 9);
  EXPECT_DOUBLE_EQ(ideal({fetches(1, 1), fetches(1, 1), fetches(1, 9)}, event_loops, 1, 2), 3 + 9);
}

TEST(IdealTime, OfAnEventLoopHasAsManyJobsInFlightAsItMay) {
  const auto limited = [](const Jobs& jobs, ModelShape shape, std::size_t count,
                          std::size_t in_flight) {
    const ComputingCapacity capacity{.cores = 4, .origin_shares = false};
    return ideal_time(jobs, shape, count, capacity, in_flight).count();
  };
  const Jobs jobs(4, fetches(1, 5));
  EXPECT_DOUBLE_EQ(limited(jobs, event_loops, 1, 4), 4 + 5);
  EXPECT_DOUBLE_EQ(limited(jobs, event_loops, 1, 2), 2 * (1 + 5) + 1);
  EXPECT_DOUBLE_EQ(limited(jobs, event_loops, 1, 1), 4 * (1 + 5));
  EXPECT_DOUBLE_EQ(limited(jobs, event_loops, 2, 1), 2 * (1 + 5));
  EXPECT_DOUBLE_EQ(limited(jobs, workers, 4, 1), 1 + 5);
  const Jobs with_blocking_steps(2, {.request = step(0, 0, 1), .blocking = step(2, 0, 0)});
  EXPECT_DOUBLE_EQ(limited(with_blocking_steps, event_loops, 1, 1), 2 * (1 + 2));
  EXPECT_DOUBLE_EQ(limited(with_blocking_steps, offloading_loop, 2, 1), 2 * (1 + 2));
  EXPECT_DOUBLE_EQ(limited(with_blocking_steps, offloading_loop, 2, 2), 1 + 2);
}

TEST(IdealTime, OfSeveralEventLoopsSharesTheJobs) {
  EXPECT_DOUBLE_EQ(ideal(Jobs(4, fetches(1, 5)), event_loops, 2, 2), 2 + 5);
  EXPECT_DOUBLE_EQ(ideal(Jobs(4, fetches(1, 5)), event_loops, 2, 1), 4 + 5);
  EXPECT_DOUBLE_EQ(ideal(Jobs(4, computes(1)), event_loops, 2, 2), 2);
}

TEST(IdealTime, LetsTheOriginComputeForOneAtATime) {
  const Jobs jobs(3, fetches(1, 0, 2));
  EXPECT_DOUBLE_EQ(ideal(jobs, event_loops, 1, 1), 1 + 3 * 2);
  EXPECT_DOUBLE_EQ(ideal(jobs, workers, 3, 3), 1 + 3 * 2);
  EXPECT_DOUBLE_EQ(ideal(jobs, workers, 1, 3), 3 * (1 + 2));
  const auto shared = [&](double cores) {
    return ideal_time(jobs, event_loops, 1, {.cores = cores, .origin_shares = true}).count();
  };
  EXPECT_DOUBLE_EQ(shared(1), 3 * (1 + 2));
  EXPECT_DOUBLE_EQ(shared(2), 1 + 3 * 2);
}

TEST(IdealTime, OfBlockingStepsDependsOnWhereTheyRun) {
  const Jobs jobs(2, {.request = step(1, 0, 1), .blocking = step(3, 0, 0)});
  // Due at 2 and 3.
  EXPECT_DOUBLE_EQ(ideal(jobs, event_loops, 1, 2), 2 + 3 + 3);
  EXPECT_DOUBLE_EQ(ideal(jobs, offloading_loop, 1, 2), 2 + 3 + 3);
  EXPECT_DOUBLE_EQ(ideal(jobs, offloading_loop, 2, 2), 3 + 3);
  EXPECT_DOUBLE_EQ(ideal(jobs, workers, 2, 2), 1 + 1 + 3);
}

TEST(IdealTime, OfABlockingFetchKeepsWhoeverRunsItWaiting) {
  const Jobs jobs(2, {.request = step(0, 0, 1), .blocking = step(1, 0, 4)});
  EXPECT_DOUBLE_EQ(ideal(jobs, event_loops, 1, 2), 1 + 2 * (1 + 4));
  EXPECT_DOUBLE_EQ(ideal(jobs, offloading_loop, 2, 2), 1 + 1 + 4);
}

TEST(IdealTime, UnderALockIsThatOfOneCoreForComputing) {
  EXPECT_DOUBLE_EQ(ideal({computes(3), computes(3)}, workers_under_lock, 2, 2), 6);
  EXPECT_DOUBLE_EQ(ideal(Jobs(2, fetches(1, 5)), workers_under_lock, 2, 2), 2 + 5);
  const Jobs jobs(2, {.request = step(1, 0, 1), .blocking = step(3, 0, 0)});
  EXPECT_DOUBLE_EQ(ideal(jobs, offloading_loop_under_lock, 2, 2), 8);
  // The origin is not under the client's lock.
  EXPECT_DOUBLE_EQ(
      ideal_time(Jobs(2, fetches(1, 0, 1)), workers_under_lock, 2, {.cores = 2}).count(), 4);
}

TEST(IdealTime, OfNothingIsNone) {
  for (const ModelShape shape : {workers, event_loops, offloading_loop}) {
    EXPECT_EQ(ideal({}, shape, 2, 2), 0);
    EXPECT_EQ(ideal(Jobs(100'000), shape, 2, 2), 0);
    EXPECT_DOUBLE_EQ(ideal({{}, computes(1), {}}, shape, 2, 2), 1);
  }
}

TEST(IdealTime, OfAModelGoesByItsShapeAndWorkers) {
  const Jobs jobs(4, computes(1));
  const ComputingCapacity capacity{.cores = 4};
  ExecutionModel model;
  EXPECT_FALSE(ideal_time(jobs, model, 2, capacity));
  model.shape = workers;
  EXPECT_DOUBLE_EQ(ideal_time(jobs, model, 0, capacity).value().count(), 4);
  model.policy = WorkerPolicy::bounded;
  EXPECT_DOUBLE_EQ(ideal_time(jobs, model, 2, capacity).value().count(), 2);
  model.policy = WorkerPolicy::per_job;
  EXPECT_DOUBLE_EQ(ideal_time(jobs, model, 0, capacity).value().count(), 1);
}

TEST(IdealTime, IsToBeHadForEveryModelOfTheLibrary) {
  const auto models = all_models();
  EXPECT_TRUE(std::all_of(models.begin(), models.end(),
                          [](const ExecutionModel& model) { return model.shape.has_value(); }));
}

}  // namespace
}  // namespace concurrency_models
