// Orders of growth of times made up.
#include "complexity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace concurrency_models::bench {
namespace {

using Result = benchmark::BenchmarkReporter::Run;

Result run_of(std::int64_t jobs, double seconds) {
  Result run;
  run.run_name.function_name = "io_async";
  run.run_name.args = "jobs:" + std::to_string(jobs);
  run.family_index = 3;
  run.complexity_n = jobs;
  run.iterations = 2;
  run.time_unit = benchmark::kMillisecond;
  run.real_accumulated_time = 2 * seconds;
  run.cpu_accumulated_time = seconds;
  return run;
}

TEST(ComplexityFit, FindsTheOrderAndItsCoefficient) {
  ComplexityFit fit;
  for (const std::int64_t jobs : {100, 1000, 10'000}) {
    fit.add(run_of(jobs, 0.002 * static_cast<double>(jobs)));
  }
  Result other = run_of(1, 1);
  other.family_index = 4;
  EXPECT_TRUE(fit.is_of_another_family(other));
  EXPECT_FALSE(fit.is_of_another_family(run_of(1, 1)));
  const std::vector<Result> rows = fit.take();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].complexity, benchmark::oN);
  EXPECT_EQ(rows[0].benchmark_name(), "io_async_BigO");
  EXPECT_NEAR(rows[0].GetAdjustedRealTime(), 2, 1e-9);  // ms a job
  EXPECT_NEAR(rows[0].GetAdjustedCPUTime(), 1, 1e-9);
  EXPECT_NEAR(rows[1].GetAdjustedRealTime(), 0, 1e-9);
  EXPECT_EQ(rows[1].benchmark_name(), "io_async_RMS");
  EXPECT_TRUE(fit.take().empty());
}

TEST(ComplexityFit, TellsHowFarTimesAreOff) {
  ComplexityFit fit;
  fit.add(run_of(1, 3));
  fit.add(run_of(10, 1));  // no order falls: a constant of 2, which is off by 1
  const std::vector<Result> rows = fit.take();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].complexity, benchmark::o1);
  EXPECT_NEAR(rows[1].GetAdjustedRealTime(), 0.5, 1e-9);
}

TEST(ComplexityFit, OfFewerThanTwoNumbersIsNone) {
  ComplexityFit fit;
  EXPECT_TRUE(fit.take().empty());
  fit.add(run_of(10, 1));
  fit.add(run_of(10, 2));
  Result aggregate = run_of(20, 1);
  aggregate.run_type = Result::RT_Aggregate;
  fit.add(aggregate);
  fit.add(run_of(0, 1));
  EXPECT_TRUE(fit.take().empty());
}

}  // namespace
}  // namespace concurrency_models::bench
