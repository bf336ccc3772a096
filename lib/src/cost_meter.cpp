#include "concurrency_models/cost_meter.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <span>
#include <stdexcept>
#include <thread>

#include "concurrency_models/cores.h"
#include "concurrency_models/fibonacci.h"
#include "concurrency_models/origin_protocol.h"
#include "concurrency_models/process_group.h"
#include "concurrency_models/shared_array.h"

namespace concurrency_models {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t trials = 9;
constexpr unsigned measured_fibonacci = 30;

Seconds cpu_time_of_this_thread() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

template <class Value>
Value median(std::array<Value, trials> values) {
  const auto middle = values.begin() + trials / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Throws if it is not what it must be, lest the compiler leave it out.
void compute() {
  if (fibonacci(measured_fibonacci) != fibonacci_by_addition(measured_fibonacci)) {
    throw std::logic_error("a Fibonacci number came out wrong");
  }
}

/// When a process began and ended its computing.
struct Span {
  Clock::time_point start;
  Clock::time_point end;
};

/// How long so many processes take that compute the same at once, from the first's start to the
/// last's end.
Seconds time_at_once(unsigned processes) {
  SharedArray<std::atomic<unsigned>> ready(1);
  SharedArray<Span> spans(processes);
  ProcessGroup group;
  for (unsigned number = 0; number < processes; ++number) {
    group.start([&](unsigned self) {
      ++ready[0];
      while (ready[0] < processes && !ProcessGroup::parent_is_gone()) std::this_thread::yield();
      spans[self].start = Clock::now();
      compute();
      spans[self].end = Clock::now();
    });
  }
  bool all_ended_well = true;
  for (unsigned number = 0; number < processes; ++number) {
    all_ended_well = group.wait(number) == 0 && all_ended_well;
  }
  if (!all_ended_well) throw std::runtime_error("a process that was to compute ended early");
  const auto by_start = [](const Span& a, const Span& b) { return a.start < b.start; };
  const auto by_end = [](const Span& a, const Span& b) { return a.end < b.end; };
  return std::max_element(spans.begin(), spans.end(), by_end)->end -
         std::min_element(spans.begin(), spans.end(), by_start)->start;
}

/// The same fetch, to be answered at once.
Fetch without_latency(const Fetch& fetch) {
  Fetch prompt = fetch;
  prompt.url.target = origin_target(std::chrono::microseconds(0), *fetch.expected_bytes);
  return prompt;
}

}  // namespace

CostMeter::CostMeter(const HttpClient& client, OriginCpuClock origin_cpu)
    : client_(client), origin_cpu_(std::move(origin_cpu)) {}

std::optional<std::vector<JobCost>> CostMeter::costs(const Workload& workload) {
  std::vector<JobCost> costs(workload.jobs.size());
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const Job& job = workload.jobs[i];
    if (job.request) {
      costs[i].request = cost(*job.request);
      if (!costs[i].request) return std::nullopt;
    }
    if (!job.blocking) continue;
    if (const auto* const fetch = std::get_if<Fetch>(&*job.blocking)) {
      costs[i].blocking = cost(*fetch);
    } else if (const auto* const number = std::get_if<Fibonacci>(&*job.blocking)) {
      costs[i].blocking = cost(*number);
    }
    if (!costs[i].blocking) return std::nullopt;
  }
  return costs;
}

double CostMeter::capacity() {
  if (capacity_) return *capacity_;
  const unsigned cores = available_cores();
  std::array<double, trials> capacities{};
  for (double& capacity : capacities) {
    // In turns, so that what disturbs the machine for a while disturbs both.
    const Seconds alone = time_at_once(1);
    capacity = cores * (alone / time_at_once(cores));
  }
  capacity_ = std::clamp(median(capacities), 1.0, static_cast<double>(cores));
  return *capacity_;
}

StepCost CostMeter::cost(const Fibonacci& work) {
  if (!fibonacci_cpu_) {
    std::array<Seconds, trials> times{};
    for (Seconds& time : times) {
      const Seconds before = cpu_time_of_this_thread();
      compute();
      time = cpu_time_of_this_thread() - before;
    }
    fibonacci_cpu_ = median(times);
  }
  // The recursion ends in as many ones as the number is large, and adds them up.
  const auto additions = static_cast<double>(fibonacci_by_addition(work.n));
  const auto measured = static_cast<double>(fibonacci_by_addition(measured_fibonacci));
  return {.client_cpu = *fibonacci_cpu_ * (additions / measured), .origin_cpu = {}, .latency = {}};
}

std::optional<StepCost> CostMeter::cost(const Fetch& fetch) {
  if (!fetch.latency || !fetch.expected_bytes) return std::nullopt;
  const std::pair key(fetch.url.secure, *fetch.expected_bytes);
  if (!fetches_.contains(key)) fetches_[key] = measure_fetch(without_latency(fetch));
  const auto& known = fetches_[key];
  if (!known) return std::nullopt;
  return StepCost{
      .client_cpu = known->client, .origin_cpu = known->origin, .latency = *fetch.latency};
}

std::optional<CostMeter::FetchCost> CostMeter::measure_fetch(const Fetch& fetch) const {
  // Where fetches reuse sessions or connections, what one costs is what it costs with them.
  client_.warm_up(std::span(&fetch, 1), 1);
  std::optional<Seconds> origin_before = origin_cpu_ ? origin_cpu_() : std::nullopt;
  std::array<Seconds, trials> times{};
  for (Seconds& time : times) {
    const Seconds before = cpu_time_of_this_thread();
    if (client_.get(fetch).error) return std::nullopt;
    time = cpu_time_of_this_thread() - before;
  }
  Seconds origin{};
  if (origin_before) {
    if (const auto now = origin_cpu_()) origin = (*now - *origin_before) / trials;
  }
  return FetchCost{.client = median(times), .origin = std::max(origin, Seconds::zero())};
}

}  // namespace concurrency_models
