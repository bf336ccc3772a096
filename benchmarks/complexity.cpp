#include "complexity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace concurrency_models::bench {
namespace {

using Run = ComplexityFit::Run;

double growth(benchmark::BigO order, double n) {
  switch (order) {
    case benchmark::oN:
      return n;
    case benchmark::oNSquared:
      return n * n;
    case benchmark::oNCubed:
      return n * n * n;
    case benchmark::oLogN:
      return std::log2(n);
    case benchmark::oNLogN:
      return n * std::log2(n);
    default:
      return 1;
  }
}

struct Fit {
  double coefficient = 0;
  double rms = 0;  ///< as a share of the mean time
};

using TimeOf = double (Run::*)() const;

Fit fit(const std::vector<Run>& runs, benchmark::BigO order, TimeOf time_of) {
  double products = 0;
  double squares = 0;
  double total = 0;
  for (const Run& run : runs) {
    const double grown = growth(order, static_cast<double>(run.complexity_n));
    products += (run.*time_of)() * grown;
    squares += grown * grown;
    total += (run.*time_of)();
  }
  Fit result;
  if (squares > 0) result.coefficient = products / squares;
  double error = 0;
  for (const Run& run : runs) {
    const double grown = growth(order, static_cast<double>(run.complexity_n));
    error += std::pow((run.*time_of)() - result.coefficient * grown, 2);
  }
  const auto count = static_cast<double>(runs.size());
  if (total > 0) result.rms = std::sqrt(error / count) / (total / count);
  return result;
}

/// Of the order whose real times fit best; of equals the first, which grows least.
benchmark::BigO best_order(const std::vector<Run>& runs) {
  constexpr std::array orders = {benchmark::o1,     benchmark::oLogN,     benchmark::oN,
                                 benchmark::oNLogN, benchmark::oNSquared, benchmark::oNCubed};
  return *std::min_element(orders.begin(), orders.end(),
                           [&runs](benchmark::BigO a, benchmark::BigO b) {
                             return fit(runs, a, &Run::GetAdjustedRealTime).rms <
                                    fit(runs, b, &Run::GetAdjustedRealTime).rms;
                           });
}

/// Times of rows are kept in seconds and shown in their units.
double in_seconds(double value, benchmark::TimeUnit unit) {
  switch (unit) {
    case benchmark::kNanosecond:
      return value / 1e9;
    case benchmark::kMicrosecond:
      return value / 1e6;
    case benchmark::kMillisecond:
      return value / 1e3;
    case benchmark::kSecond:
      break;
  }
  return value;
}

}  // namespace

void ComplexityFit::add(const Run& run) {
  if (error_of(run) || run.run_type != Run::RT_Iteration || run.complexity_n <= 0) return;
  runs_.push_back(run);
}

std::vector<Run> ComplexityFit::take() {
  const std::vector<Run> runs = std::exchange(runs_, {});
  const bool is_one_number = std::all_of(runs.begin(), runs.end(), [&runs](const Run& run) {
    return run.complexity_n == runs.front().complexity_n;
  });
  if (is_one_number) return {};
  const benchmark::BigO order = best_order(runs);
  const Fit real = fit(runs, order, &Run::GetAdjustedRealTime);
  const Fit cpu = fit(runs, order, &Run::GetAdjustedCPUTime);

  Run row;
  row.run_name = runs.front().run_name;
  row.run_name.args.clear();
  row.family_index = runs.front().family_index;
  row.per_family_instance_index = runs.front().per_family_instance_index;
  row.run_type = Run::RT_Aggregate;
  row.repetitions = runs.front().repetitions;
  row.repetition_index = Run::no_repetition_index;
  row.threads = runs.front().threads;
  row.iterations = 0;
  row.time_unit = runs.front().time_unit;
  row.complexity = order;

  Run big_o = row;
  big_o.aggregate_name = "BigO";
  big_o.aggregate_unit = benchmark::kTime;
  big_o.report_big_o = true;
  big_o.real_accumulated_time = in_seconds(real.coefficient, row.time_unit);
  big_o.cpu_accumulated_time = in_seconds(cpu.coefficient, row.time_unit);
  Run rms = row;
  rms.aggregate_name = "RMS";
  rms.aggregate_unit = benchmark::kPercentage;
  rms.report_rms = true;
  rms.real_accumulated_time = in_seconds(real.rms, row.time_unit);
  rms.cpu_accumulated_time = in_seconds(cpu.rms, row.time_unit);
  return {big_o, rms};
}

}  // namespace concurrency_models::bench
