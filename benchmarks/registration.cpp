#include "registration.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "google_benchmark.h"
#include "model_fixture.h"

namespace concurrency_models::bench {
namespace {

void register_jobs(benchmark::internal::Benchmark& registered, const CaseFamily& family) {
  registered.ArgNames(family.workers.empty() ? std::vector<std::string>{"jobs"}
                                             : std::vector<std::string>{"jobs", "workers"});
  for (const unsigned jobs : family.jobs) {
    std::vector<std::int64_t> arguments = {std::int64_t{jobs}};
    arguments.insert(arguments.end(), family.workers.begin(), family.workers.end());
    registered.Args(arguments);
  }
}

}  // namespace

void register_cases(const std::vector<CaseFamily>& families,
                    const std::optional<Environment>& environment, FailureLog& failures,
                    Trace* trace) {
  for (const CaseFamily& family : families) {
    // Fixtures made at run time can be registered by internal functions only; a function that runs
    // one can be registered by a public one.
    const auto fixture = std::make_shared<ModelFixture>(family, environment, failures, trace);
    // The library owns it, which the analyser cannot see.
    // NOLINTNEXTLINE(clang-analyzer-cplusplus.NewDeleteLeaks)
    auto* const registered = benchmark::RegisterBenchmark(
        family.name().c_str(), [fixture](benchmark::State& state) { fixture->Run(state); });
    // Time of the processor would leave out what other processes used.
    registered->UseRealTime();
    if (!family.jobs.empty()) {
      register_jobs(*registered, family);
      continue;
    }
    if (!family.workers.empty()) registered->ArgName("workers");
    for (const unsigned workers : family.workers) registered->Arg(std::int64_t{workers});
  }
}

}  // namespace concurrency_models::bench
