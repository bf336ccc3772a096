// What is paid for beside the work itself: for a job that has next to nothing to do, under each
// model; for starting a thread, a process, a pool; for one fetch in each way there is; and for the
// counters.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "concurrency_models/cores.h"
#include "concurrency_models/execution_model.h"
#include "concurrency_models/measure.h"
#include "concurrency_models/origin_process.h"
#include "concurrency_models/peak_memory.h"
#include "concurrency_models/process_group.h"
#include "concurrency_models/standard_workloads.h"
#include "concurrency_models/thread_group.h"
#include "console_reporter.h"
#include "error_advice.h"
#include "find_origin.h"
#include "google_benchmark.h"
#include "one_line.h"

namespace concurrency_models::bench {
namespace {

constexpr int failure_status = 1;
constexpr int usage_status = 2;

using Case = std::function<void(benchmark::State&)>;

bool a_case_failed = false;

/// What throws has no figure. What is left over from the case before is given back first: a process
/// takes the longer to fork the more memory its parent has.
void add_case(const std::string& name, Case body) {
  const auto run = [name, body = std::move(body)](benchmark::State& state) {
    try {
      static_cast<void>(reset_peak_memory());
      body(state);
    } catch (const std::exception& error) {
      const std::string text = text_with_advice(error);
      std::cerr << "bench_overheads: " + name + ": " + one_line(text) + '\n';
      a_case_failed = true;
      state.SkipWithError(text.c_str());
    }
  };
#ifdef __clang_analyzer__  // takes what the library owns for a leak
  static_cast<void>(run);
#else
  benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->Unit(benchmark::kMicrosecond);
#endif
}

/// The time of an iteration divided by `parts`.
benchmark::Counter time_per(double parts) {
  using benchmark::Counter;
  return {parts, Counter::kIsIterationInvariantRate | Counter::kInvert};
}

/// The CPU time of an iteration, of all of which `used` was used.
void count_cpu(benchmark::State& state, const ResourceUsage& used) {
  state.counters["cpu_s"] =
      Seconds(used.user + used.system).count() / static_cast<double>(state.iterations());
}

/// Jobs whose one step is the first Fibonacci number, which takes no addition.
Workload idle_jobs(std::size_t jobs) {
  Workload workload{.name = "idle", .jobs = std::vector<Job>(jobs)};
  for (Job& job : workload.jobs) job.blocking.emplace(Fibonacci{1});
  return workload;
}

const HttpClient& unused_client() {
  static const HttpClient client(ClientOptions{});
  return client;
}

/// As many as make what is paid once for all of them a small part, and no more than each can have
/// at once.
std::size_t number_of_jobs(const ExecutionModel& model) {
  if (model.policy == WorkerPolicy::per_job) return 100;
  return model.event_loop == EventLoop::absent ? 100'000 : 10'000;
}

void run_idle_jobs(benchmark::State& state, const ExecutionModel& model, std::size_t jobs,
                   unsigned workers) {
  const Workload workload = idle_jobs(jobs);
  for ([[maybe_unused]] auto iteration : state) {
    const RunReport report = run(model, workload, unused_client(), workers);
    for (const JobRecord& record : report.records) {
      if (record.error) throw std::runtime_error(text_with_advice(record.error));
    }
  }
  if (jobs > 1) state.counters["per_job_s"] = time_per(static_cast<double>(jobs));
}

void add_models() {
  for (const ExecutionModel& model : all_models()) {
    const std::size_t jobs = number_of_jobs(model);
    const unsigned workers =
        model.policy == WorkerPolicy::bounded ? model.default_workers(available_cores()) : 0;
    std::string name = "jobs_" + model.name + "/jobs:" + std::to_string(jobs);
    if (workers > 0) name += "/workers:" + std::to_string(workers);
    add_case(name, [&model, jobs, workers](benchmark::State& state) {
      run_idle_jobs(state, model, jobs, workers);
    });
    if (workers == 0) continue;
    add_case(
        "start_" + model.name + "/workers:" + std::to_string(workers),
        [&model, workers](benchmark::State& state) { run_idle_jobs(state, model, 1, workers); });
  }
}

void add_starts() {
  add_case("start_thread", [](benchmark::State& state) {
    const ResourceUsage before = current_resource_usage();
    for ([[maybe_unused]] auto iteration : state) {
      ThreadGroup group;
      group.start([](unsigned) {});
      group.join();
    }
    count_cpu(state, current_resource_usage() - before);
  });
  add_case("start_process", [](benchmark::State& state) {
    const ResourceUsage before = current_resource_usage();
    ResourceUsage children;
    for ([[maybe_unused]] auto iteration : state) {
      ProcessGroup group;
      group.start([](unsigned) {});
      if (group.wait(0) != 0) throw std::runtime_error("the process failed");
      children += group.usage();
    }
    ResourceUsage used = current_resource_usage() - before;
    used += children;
    count_cpu(state, used);
  });
}

/// The runs of a case that runs nothing, what jobs add to that, and what is done once for a case.
void add_counters() {
  static const ExecutionModel nothing{.name = "nothing",
                                      .default_workers = {},
                                      .run = [](JobRun&, unsigned) { return WorkersUsed(); }};
  add_case("counters_per_run", [](benchmark::State& state) {
    const Workload workload = idle_jobs(0);
    Measurer measurer(nothing, workload, unused_client(), 0);
    for ([[maybe_unused]] auto iteration : state) measurer.run();
  });
  constexpr std::size_t jobs = 1000;
  add_case("counters_of_jobs/jobs:" + std::to_string(jobs), [](benchmark::State& state) {
    const Workload workload = idle_jobs(jobs);
    Measurer measurer(all_models().front(), workload, unused_client(), 0);
    for ([[maybe_unused]] auto iteration : state) {
      state.PauseTiming();
      measurer.run_only();
      state.ResumeTiming();
      measurer.examine();
    }
    state.counters["per_job_s"] = time_per(static_cast<double>(jobs));
  });
  add_case("counters_per_case", [](benchmark::State& state) {
    const Workload workload = idle_jobs(0);
    for ([[maybe_unused]] auto iteration : state) {
      benchmark::DoNotOptimize(measure(nothing, workload, unused_client(), 0));
    }
  });
}

/// Origins, started when first needed, gone with the program.
const OriginProcess& origin(bool session_tickets) {
  static std::optional<OriginProcess> with_tickets;
  static std::optional<OriginProcess> without_tickets;
  std::optional<OriginProcess>& origin = session_tickets ? with_tickets : without_tickets;
  if (!origin) {
    OriginProcess::Options options;
    options.program = find_origin({});
    options.session_tickets = session_tickets;
    origin.emplace(options);
  }
  return *origin;
}

using Get = FetchResult (*)(boost::asio::io_context& loop, const HttpClient& client,
                            const Fetch& fetch);

FetchResult get_blocking(boost::asio::io_context& /*loop*/, const HttpClient& client,
                         const Fetch& fetch) {
  return client.get(fetch);
}

FetchResult get_awaited(boost::asio::io_context& loop, const HttpClient& client,
                        const Fetch& fetch) {
  FetchResult result;
  boost::asio::co_spawn(loop, client.async_get(fetch),
                        [&result](const std::exception_ptr& exception, FetchResult got) {
                          if (exception) std::rethrow_exception(exception);
                          result = got;
                        });
  loop.restart();
  loop.run();
  return result;
}

/// One after another, of 1 KiB, from an origin that answers at once.
void run_fetches(benchmark::State& state, bool secure, ConnectionMode mode, Get get) {
  constexpr std::uint64_t bytes = 1024;
  const OriginProcess& server = origin(mode == ConnectionMode::resumed);
  const HttpClient client({.ca_pem = server.ca_pem(), .connection = mode});
  Fetch fetch =
      origin_fetches(secure, loopback(secure ? server.https_port() : server.http_port()), 0)
          .front();
  fetch.url.target = origin_target(std::chrono::microseconds(0), bytes);
  fetch.expected_bytes = bytes;
  client.warm_up(std::vector<Fetch>{fetch}, 1);
  boost::asio::io_context loop(1);
  const auto origin_before = server.cpu_time();
  const ResourceUsage before = current_resource_usage();
  for ([[maybe_unused]] auto iteration : state) {
    const FetchResult result = get(loop, client, fetch);
    if (result.error) throw std::runtime_error(text_with_advice(result.error));
    if (result.reused != (mode != ConnectionMode::fresh)) {
      throw std::runtime_error("a fetch was not as " + std::string(name(mode)) + " as it should");
    }
  }
  count_cpu(state, current_resource_usage() - before);
  const auto fetches = static_cast<double>(state.iterations());
  const auto origin_after = server.cpu_time();
  if (origin_before && origin_after) {
    state.counters["origin_cpu_s"] = (*origin_after - *origin_before).count() / fetches;
  }
}

void add_fetches() {
  for (const bool secure : {true, false}) {
    for (const auto mode :
         {ConnectionMode::fresh, ConnectionMode::resumed, ConnectionMode::keepalive}) {
      if (!secure && mode == ConnectionMode::resumed) continue;  // there is no session
      const std::string common =
          std::string(secure ? "fetch_https_" : "fetch_http_") + std::string(name(mode));
      const auto add = [&](const char* way, Get get) {
        add_case(common + way, [secure, mode, get](benchmark::State& state) {
          run_fetches(state, secure, mode, get);
        });
      };
      add("_blocking", get_blocking);
      add("_awaited", get_awaited);
    }
  }
}

/// Returns how many there were.
std::size_t run_cases() {
  // The library made this one, as the format asked for wants it, and keeps it.
  const std::shared_ptr<benchmark::BenchmarkReporter> made(
      benchmark::CreateDefaultDisplayReporter(), [](benchmark::BenchmarkReporter*) {});
  if (dynamic_cast<benchmark::ConsoleReporter*>(made.get()) == nullptr) {
    return benchmark::RunSpecifiedBenchmarks(made.get());
  }
  ConsoleReporter console(made, {});
  return benchmark::RunSpecifiedBenchmarks(&console);
}

int run_overheads(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return usage_status;
  add_models();
  add_starts();
  add_counters();
  add_fetches();
  if (run_cases() == 0) {
    std::cerr << "bench_overheads: --benchmark_filter matches no case; --benchmark_list_tests "
                 "lists them\n";
    return usage_status;
  }
  return a_case_failed ? failure_status : 0;
}

}  // namespace
}  // namespace concurrency_models::bench

int main(int argc, char** argv) {
  using namespace concurrency_models::bench;
  try {
    return run_overheads(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "bench_overheads: " + one_line(text_with_advice(error)) + '\n';
    return failure_status;
  }
}
