#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include "peers.h"

namespace concurrency_models::bench::peers {
namespace {

WorkersUsed run_by_tbb(JobRun& jobs, unsigned workers) {
  // Otherwise there are never more threads than cores, however large the arena.
  const ::tbb::global_control limit(::tbb::global_control::max_allowed_parallelism, workers);
  ::tbb::task_arena arena(static_cast<int>(workers));
  arena.execute([&jobs] {
    const auto run_job = [&jobs](std::size_t job) {
      jobs.run(job, static_cast<std::uint32_t>(::tbb::this_task_arena::current_thread_index()));
    };
    // A task for each job, whose sizes differ: that was as fast as the default for small jobs, and
    // faster for large ones.
    ::tbb::parallel_for(std::size_t{0}, jobs.size(), run_job, ::tbb::simple_partitioner());
  });
  return {.processes = 0, .threads = workers - 1, .children = {}};  // the caller is one of them
}

}  // namespace

ExecutionModel tbb() {
  // What the library does once in a program, no run should pay for. Starts no thread.
  ::tbb::task_arena(1).execute([] {});
  return {.name = "tbb",
          .policy = WorkerPolicy::bounded,
          .default_workers = one_per_core,
          .run = run_by_tbb,
          .shape = ModelShape::workers,
          .workloads = {"cpu"}};
}

}  // namespace concurrency_models::bench::peers
