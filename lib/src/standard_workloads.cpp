#include "concurrency_models/standard_workloads.h"

#include <algorithm>
#include <cmath>

namespace concurrency_models {
namespace {

constexpr std::size_t mixed_jobs = 10;
constexpr std::size_t blocking_jobs = 20;
constexpr std::size_t convoy_fetches = 10;

constexpr std::array<std::string_view, 4> standard_names = {"io", "cpu", "mixed", "blocking"};
constexpr std::array<std::string_view, 6> all_names = {"io",       "cpu",  "mixed",
                                                       "blocking", "disk", "convoy"};

/// The sites in order, again and again.
const Fetch& nth_site(const std::vector<Fetch>& sites, std::size_t n) {
  return sites[n % sites.size()];
}

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
    fetch.latency = whole_delay;
    fetches.push_back(std::move(fetch));
  }
  return fetches;
}

std::vector<Workload> standard_workloads(const std::vector<Fetch>& sites, std::size_t io_jobs,
                                         const FibonacciRange& range) {
  const auto& names = standard_names;

  Workload io{.name = std::string(names[0]), .jobs = std::vector<Job>(io_jobs)};
  for (std::size_t i = 0; i < io_jobs; ++i) io.jobs[i].request = nth_site(sites, i);

  Workload cpu{.name = std::string(names[1]), .jobs = {}};
  for (unsigned time = 0; time < range.repeat; ++time) {
    for (unsigned n = range.low; n <= range.high; ++n) {
      cpu.jobs.emplace_back().blocking.emplace(Fibonacci{n});
    }
  }

  Workload mixed{.name = std::string(names[2]), .jobs = std::vector<Job>(mixed_jobs)};
  for (std::size_t i = 0; i < mixed_jobs; ++i) {
    mixed.jobs[i].request = nth_site(sites, i);
    mixed.jobs[i].blocking.emplace(Fibonacci{range.third_largest()});
  }

  Workload blocking{.name = std::string(names[3]), .jobs = std::vector<Job>(blocking_jobs)};
  for (std::size_t i = 0; i < blocking_jobs; ++i) {
    blocking.jobs[i].request = nth_site(sites, i);
    blocking.jobs[i].blocking.emplace(nth_site(sites, i));
  }
  return {io, cpu, mixed, blocking};
}

Workload convoy_workload(const std::vector<Fetch>& sites, const FibonacciRange& range) {
  Workload convoy{.name = "convoy", .jobs = std::vector<Job>(1 + convoy_fetches)};
  convoy.jobs[0].blocking.emplace(Fibonacci{range.high});
  for (std::size_t i = 0; i < convoy_fetches; ++i) convoy.jobs[1 + i].request = nth_site(sites, i);
  return convoy;
}

Workload scaled_workload(std::string_view name, const std::vector<Fetch>& sites, std::size_t jobs) {
  Workload scaled{.name = std::string(name), .jobs = std::vector<Job>(jobs)};
  for (std::size_t i = 0; i < jobs; ++i) {
    if (name == "io") scaled.jobs[i].request = nth_site(sites, i);
    if (name == "cpu") scaled.jobs[i].blocking.emplace(Fibonacci{scaled_fibonacci});
  }
  return scaled;
}

Workload disk_workload(const std::vector<FileRead>& files) {
  Workload disk{.name = "disk", .jobs = std::vector<Job>(files.size())};
  for (std::size_t i = 0; i < files.size(); ++i) disk.jobs[i].blocking.emplace(files[i]);
  return disk;
}

const std::array<std::string_view, 4>& standard_workload_names() { return standard_names; }

std::span<const std::string_view> all_workload_names() { return all_names; }

bool fetches(std::string_view workload_name) {
  return workload_name != "cpu" && workload_name != "disk" && workload_name != "empty";
}

}  // namespace concurrency_models
