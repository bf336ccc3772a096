#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "concurrency_models/job_error.h"
#include "concurrency_models/shared_array.h"
#include "concurrency_models/workload.h"

namespace concurrency_models {

/// How far a job has come. `done` is published last: whoever reads it sees all the rest.
enum class JobState : std::uint8_t { idle, running, done };

/// When the parts of a job happened, on the steady clock, which all processes of a machine share.
/// A time point that is zero (its default) is that of a part which did not happen.
struct JobTimeline {
  using TimePoint = std::chrono::steady_clock::time_point;

  TimePoint start{};
  TimePoint request_done{};
  TimePoint blocking_start{};
  TimePoint end{};
};

/// All there is to know about one job of one run.
///
/// Lies in memory that worker processes share and holds no pointers of its own. Written by whoever
/// runs the job, until `state` is done; read by the process that started the run, after it has seen
/// `done` or the worker's end.
struct JobRecord {
  /// Number of the worker that took the job from a JobQueue, plus one; 0: nobody yet.
  std::atomic<std::uint32_t> claimed_by{0};
  std::atomic<JobState> state{JobState::idle};
  /// The blocking step ran on an event loop's own thread and stalled it.
  bool stalled_loop = false;
  /// Number of the thread or process that ran the job's last part; 0 where there is just one.
  std::uint32_t worker = 0;
  /// How many of its fetches reused a session or a connection.
  std::uint32_t reused = 0;
  JobError error;
  Outcome outcome;
  JobTimeline timeline;
};

static_assert(std::atomic<JobState>::is_always_lock_free);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

using JobRecords = SharedArray<JobRecord>;

}  // namespace concurrency_models
