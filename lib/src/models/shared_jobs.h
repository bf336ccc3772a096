#pragma once

#include "concurrency_models/execution_model.h"
#include "concurrency_models/job_queue.h"
#include "concurrency_models/process_group.h"
#include "concurrency_models/thread_group.h"
#include "models/worker_errors.h"

namespace concurrency_models::models {

/// N threads share all jobs: each calls body(queue, number) and ends when that returns. Throws if
/// one could not be started or could not work.
template <class Body>
WorkersUsed share_among_threads(JobRun& jobs, unsigned workers, Body body) {
  JobQueue queue(jobs.records());
  queue.submit_all();
  WorkerErrors errors(workers);
  ThreadGroup group;
  for (unsigned number = 0; number < workers; ++number) {
    group.start([&](unsigned worker) { errors.keep(worker, [&] { body(queue, worker); }); });
  }
  group.join();
  errors.rethrow();
  return {.processes = 0, .threads = group.size(), .children = {}};
}

/// N processes share all jobs: each calls body(queue, number) and ends when that returns. One that
/// dies takes the jobs it was at with it; the others go on with the rest. Throws if one could not
/// be started or could not work.
template <class Body>
WorkersUsed share_among_processes(JobRun& jobs, unsigned workers, Body body) {
  JobQueue queue(jobs.records());
  queue.submit_all();
  WorkerErrors errors(workers);
  ProcessGroup group;
  for (unsigned number = 0; number < workers; ++number) {
    group.start([&](unsigned worker) { errors.keep(worker, [&] { body(queue, worker); }); });
  }
  for (unsigned number = 0; number < workers; ++number) {
    const int status = group.wait(number);
    jobs.fail_claimed(number, {.stage = Stage::work, .code = {status, process_exit_category()}});
  }
  errors.rethrow();
  return {.processes = group.size(), .threads = 0, .children = group.usage()};
}

}  // namespace concurrency_models::models
