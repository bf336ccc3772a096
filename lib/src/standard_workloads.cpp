#include "concurrency_models/standard_workloads.h"

#include <algorithm>
#include <cmath>

namespace concurrency_models {
namespace {

constexpr std::size_t mixed_jobs = 10;
constexpr std::size_t blocking_jobs = 20;

}  // namespace

unsigned FibonacciRange::third_largest() const { return std::max(low, high < 2 ? low : high - 2); }

std::vector<Fetch> origin_fetches(bool secure, const Endpoint& endpoint, double latency_scale) {
  std::vector<Fetch> fetches;
  for (const OriginHost& host : origin_hosts()) {
    const std::chrono::duration<double, std::micro> delay = host.latency * latency_scale;
    const std::chrono::microseconds whole_delay(std::llround(delay.count()));
    Fetch fetch;
    fetch.url = {.secure = secure,
                 .host = std::string(host.name),
                 .port = endpoint.port,
                 .target = origin_target(whole_delay, host.bytes)};
    fetch.endpoint = endpoint;
    fetch.expected_bytes = host.bytes;
    fetches.push_back(std::move(fetch));
  }
  return fetches;
}

std::vector<Workload> standard_workloads(const std::vector<Fetch>& sites, std::size_t io_jobs,
                                         const FibonacciRange& range) {
  const auto site = [&sites](std::size_t i) -> const Fetch& { return sites[i % sites.size()]; };
  const auto& names = standard_workload_names();

  Workload io{.name = std::string(names[0]), .jobs = std::vector<Job>(io_jobs)};
  for (std::size_t i = 0; i < io_jobs; ++i) io.jobs[i].request = site(i);

  Workload cpu{.name = std::string(names[1]), .jobs = {}};
  for (unsigned time = 0; time < range.repeat; ++time) {
    for (unsigned n = range.low; n <= range.high; ++n) {
      cpu.jobs.emplace_back().blocking.emplace(Fibonacci{n});
    }
  }

  Workload mixed{.name = std::string(names[2]), .jobs = std::vector<Job>(mixed_jobs)};
  for (std::size_t i = 0; i < mixed_jobs; ++i) {
    mixed.jobs[i].request = site(i);
    mixed.jobs[i].blocking.emplace(Fibonacci{range.third_largest()});
  }

  Workload blocking{.name = std::string(names[3]), .jobs = std::vector<Job>(blocking_jobs)};
  for (std::size_t i = 0; i < blocking_jobs; ++i) {
    blocking.jobs[i].request = site(i);
    blocking.jobs[i].blocking.emplace(site(i));
  }
  return {io, cpu, mixed, blocking};
}

const std::array<std::string_view, 4>& standard_workload_names() {
  static constexpr std::array<std::string_view, 4> names = {"io", "cpu", "mixed", "blocking"};
  return names;
}

}  // namespace concurrency_models
