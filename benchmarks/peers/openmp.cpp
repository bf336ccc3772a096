#include <omp.h>

#include "peers.h"

namespace concurrency_models::bench::peers {
namespace {

WorkersUsed run_by_openmp(JobRun& jobs, unsigned workers) {
  const std::size_t count = jobs.size();
#pragma omp parallel for num_threads(workers) schedule(dynamic)
  for (std::size_t job = 0; job < count; ++job) {
    jobs.run(job, static_cast<std::uint32_t>(::omp_get_thread_num()));
  }
  return {.processes = 0, .threads = workers - 1, .children = {}};  // the caller is one of them
}

}  // namespace

ExecutionModel openmp() {
  return {.name = "openmp",
          .policy = WorkerPolicy::bounded,
          .default_workers = one_per_core,
          .run = run_by_openmp,
          .shape = ModelShape::workers,
          .workloads = {"cpu"}};
}

}  // namespace concurrency_models::bench::peers
