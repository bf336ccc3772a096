#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <execution>
#include <numeric>
#include <vector>

#include "peers.h"

namespace concurrency_models::bench::peers {
namespace {

// The standard has no word on how many threads there are. The library behind it has.
WorkersUsed run_by_for_each(JobRun& jobs, unsigned workers) {
  const ::tbb::global_control limit(::tbb::global_control::max_allowed_parallelism, workers);
  ::tbb::task_arena arena(static_cast<int>(workers));
  std::vector<std::size_t> numbers(jobs.size());
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  arena.execute([&] {
    std::for_each(std::execution::par, numbers.begin(), numbers.end(), [&jobs](std::size_t job) {
      jobs.run(job, static_cast<std::uint32_t>(::tbb::this_task_arena::current_thread_index()));
    });
  });
  return {.processes = 0, .threads = workers - 1, .children = {}};  // the caller is one of them
}

}  // namespace

ExecutionModel parallel_for_each() {
  return {.name = "parallel_for_each",
          .policy = WorkerPolicy::bounded,
          .default_workers = one_per_core,
          .run = run_by_for_each,
          .shape = ModelShape::workers,
          .workloads = {"cpu"}};
}

}  // namespace concurrency_models::bench::peers
