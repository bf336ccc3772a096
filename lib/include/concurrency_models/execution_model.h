#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "concurrency_models/http_client.h"
#include "concurrency_models/job_record.h"
#include "concurrency_models/job_run.h"
#include "concurrency_models/model_shape.h"
#include "concurrency_models/resource_usage.h"
#include "concurrency_models/workload.h"

namespace concurrency_models {

/// What decides how many workers a model has.
enum class WorkerPolicy {
  none,     ///< it has none: one thread does it all
  per_job,  ///< one for each job
  bounded,  ///< as many as the caller says
};

/// Whether a model has an event loop, and where the blocking halves of jobs run then.
enum class EventLoop {
  absent,
  stalled,    ///< on the loop's own thread, which does nothing else meanwhile
  kept_free,  ///< on threads or in processes beside the loop's
};

/// What a model used besides the main process and its main thread.
struct WorkersUsed {
  unsigned processes = 0;
  unsigned threads = 0;
  ResourceUsage children;  ///< of the processes it started, all reaped
  /// By how much the peak of the resident set exceeds what was resident when the work began, in
  /// KiB, if one process that it started does all the work.
  std::optional<std::int64_t> rss_growth_kb = {};
};

/// A way to schedule jobs: data and one function, listed in one table.
struct ExecutionModel {
  std::string name;
  WorkerPolicy policy = WorkerPolicy::none;
  /// Unless it is absent, loop_blocked_s has a meaning.
  EventLoop event_loop = EventLoop::absent;
  /// It starts processes, and so runs only while the calling thread is the process's only one.
  bool forks = false;
  /// For bounded models: the study's number of workers on so many cores.
  std::function<unsigned(unsigned cores)> default_workers;
  /// Runs every job of the run, each once, and returns when all are done, with nothing left behind:
  /// no thread, process or descriptor. `workers` is at least 1 for bounded models and has no
  /// meaning for others. A failed job stops no other. Throws only if the model itself cannot work.
  std::function<WorkersUsed(JobRun& jobs, unsigned workers)> run;
  /// What its best possible time depends on. Without it, ideal_s and efficiency have no meaning.
  std::optional<ModelShape> shape = {};
  /// Names of the workloads that it can run; empty: all.
  std::vector<std::string> workloads = {};
  /// It fetches by means of its own instead of the client's, so that nothing can be warmed up for
  /// it: each of its fetches is a fresh one.
  bool has_own_client = false;
};

/// Whether the model can run the workload of this name with a client of this mode.
[[nodiscard]] bool can_run(const ExecutionModel& model, std::string_view workload_name,
                           ConnectionMode connection);

/// Whether a worker of the model fetches more than once in its life. A process that lives for one
/// job could only use up a connection of its parent's, so that keeping them means nothing there.
[[nodiscard]] bool can_keep_connections(const ExecutionModel& model);

/// How many fetches from one server each may need a connection of their own at once, as far as the
/// model's traits set a limit, or `in_flight` does; otherwise the largest number there is.
[[nodiscard]] std::size_t fetches_at_once(const ExecutionModel& model, unsigned workers,
                                          std::size_t in_flight = all_jobs);

/// Every model of this library: the study's nine, then the others.
[[nodiscard]] std::span<const ExecutionModel> all_models();
/// The study's nine, in the order of its tables.
[[nodiscard]] std::span<const ExecutionModel> standard_models();

/// Everything one run yields.
struct RunReport {
  JobRecords records;
  WorkersUsed used;
};

/// Runs `workload` once under `model`, `in_flight` as JobRun takes it. A job that the model left
/// undone is recorded as failed.
[[nodiscard]] RunReport run(const ExecutionModel& model, const Workload& workload,
                            const HttpClient& client, unsigned workers,
                            std::size_t in_flight = all_jobs);

/// min(32, cores + 4), the default of Python's ThreadPoolExecutor, which the study took:
/// https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor
[[nodiscard]] unsigned thread_pool_workers(unsigned cores);
/// One per core, the default of Python's ProcessPoolExecutor.
[[nodiscard]] unsigned one_per_core(unsigned cores);

}  // namespace concurrency_models
