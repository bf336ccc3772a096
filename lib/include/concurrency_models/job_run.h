#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "concurrency_models/http_client.h"
#include "concurrency_models/job_record.h"
#include "concurrency_models/workload.h"

namespace concurrency_models {

/// As a number of jobs in flight: all there are.
inline constexpr std::size_t all_jobs = std::numeric_limits<std::size_t>::max();

/// One run of a workload: the jobs, by index, as execution models see them, and the records of what
/// became of each. A model says when and where a job runs; what running it means is said here.
///
/// Threads and processes: different jobs may run anywhere at once, forked children included, since
/// records lie in shared memory; the two halves of one job must follow each other. Errors of jobs
/// end up in their records; no member throws because a job fails.
class JobRun {
 public:
  /// Both must outlive the run. `in_flight` is at least 1.
  JobRun(const Workload& workload, const HttpClient& client, std::size_t in_flight = all_jobs);

  [[nodiscard]] std::size_t size() const { return workload_.jobs.size(); }
  /// How many jobs each event loop may have begun and not ended at any time. Means nothing to
  /// models without one: they are at as many as they have workers.
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  [[nodiscard]] const Workload& workload() const { return workload_; }
  [[nodiscard]] const HttpClient& client() const { return client_; }

  /// Runs the whole job with blocking calls on the calling thread, which is worker number `worker`.
  /// `hooks`, if there are any, are told whenever that blocks.
  void run(std::size_t job, std::uint32_t worker = 0, ThreadHooks* hooks = nullptr) noexcept;

  /// The job's first half for Asio's event loops: awaits its request, if it has one. True if the
  /// job goes on to a blocking step, which the caller must then run; otherwise the job is done.
  [[nodiscard]] boost::asio::awaitable<bool> request(std::size_t job, std::uint32_t worker = 0);

  /// The first half for event loops of any other kind: what is begun here the caller drives until
  /// it needs nothing, and then gives its result to end_request. It is over at once if the job has
  /// no request.
  [[nodiscard]] PendingFetch begin_request(std::size_t job, std::uint32_t worker = 0);
  /// Begins a job whose request is made by other means than the client's: what comes of that, too,
  /// is given to end_request.
  void start(std::size_t job, std::uint32_t worker = 0) noexcept;
  /// True if the job goes on to a blocking step, which the caller must then run; otherwise the job
  /// is done.
  [[nodiscard]] bool end_request(std::size_t job, const FetchResult& result) noexcept;

  /// The second half, after request or end_request returned true, on the calling thread, number
  /// `worker`. Say `stalls_loop` if that is the event loop's thread.
  void blocking_step(std::size_t job, std::uint32_t worker, bool stalls_loop,
                     ThreadHooks* hooks = nullptr) noexcept;

  /// Ends a job that its worker can no longer end.
  void fail(std::size_t job, const JobError& error) noexcept;

  /// Ends the jobs that worker number `worker` took from a JobQueue and can no longer end, because
  /// it is gone.
  void fail_claimed(std::uint32_t worker, const JobError& error);

  [[nodiscard]] bool done(std::size_t job) const {
    return records_[job].state.load(std::memory_order_acquire) == JobState::done;
  }

  [[nodiscard]] JobRecords& records() { return records_; }

 private:
  template <class Result>
  void settle(std::size_t job, const Result& result) noexcept;
  void finish(std::size_t job) noexcept;

  const Workload& workload_;
  const HttpClient& client_;
  std::size_t in_flight_;
  JobRecords records_;
};

}  // namespace concurrency_models
