#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "concurrency_models/job_record.h"
#include "concurrency_models/shared_array.h"

namespace concurrency_models {

/// First in, first out: jobs that wait for a worker, in memory shared with forked workers.
///
/// One producer, any number of consumers in any process. Taking a job is one atomic step that
/// leaves the taker's number in the job's record, so that a worker which is killed at any
/// instruction loses no job: either nobody has it yet, or it is known who had. No locks. Does not
/// wait; whoever wants to sleep until something is submitted needs a signal beside it.
class JobQueue {
 public:
  /// Holds each job of `records`, which must outlive the queue, at most once.
  explicit JobQueue(JobRecords& records);

  void submit(std::size_t job);
  void submit_all();

  /// The longest waiting job, now `worker`'s, or nothing if none waits.
  [[nodiscard]] std::optional<std::size_t> claim(std::uint32_t worker);

 private:
  struct Positions {
    std::atomic<std::uint32_t> submitted{0};
    std::atomic<std::uint32_t> head{0};  ///< a hint: all before it is claimed
  };

  JobRecords& records_;
  SharedArray<std::uint32_t> order_;
  SharedArray<Positions> positions_;
};

}  // namespace concurrency_models
