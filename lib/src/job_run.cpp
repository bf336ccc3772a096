#include "concurrency_models/job_run.h"

#include "concurrency_models/fibonacci.h"

namespace concurrency_models {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

JobRun::JobRun(const Workload& workload, const HttpClient& client)
    : workload_(workload), client_(client), records_(workload.jobs.size()) {}

void JobRun::start(std::size_t job, std::uint32_t worker) noexcept {
  JobRecord& record = records_[job];
  record.worker = worker;
  record.timeline.start = Clock::now();
  record.state.store(JobState::running, std::memory_order_relaxed);
}

bool JobRun::settle_request(std::size_t job, const FetchResult& result) noexcept {
  JobRecord& record = records_[job];
  record.timeline.request_done = Clock::now();
  record.outcome.bytes += result.bytes;
  record.error = result.error;
  return !result.error;
}

void JobRun::finish(std::size_t job) noexcept {
  JobRecord& record = records_[job];
  record.timeline.end = Clock::now();
  record.state.store(JobState::done, std::memory_order_release);
}

void JobRun::run(std::size_t job, std::uint32_t worker) noexcept {
  const Job& work = workload_.jobs[job];
  start(job, worker);
  if (work.request && !settle_request(job, client_.get(*work.request))) return finish(job);
  if (!work.blocking) return finish(job);
  blocking_step(job, worker, false);
}

boost::asio::awaitable<bool> JobRun::request(std::size_t job) {
  const Job& work = workload_.jobs[job];
  start(job, 0);
  const bool goes_on =
      !work.request || settle_request(job, co_await client_.async_get(*work.request));
  if (goes_on && work.blocking) co_return true;
  finish(job);
  co_return false;
}

void JobRun::blocking_step(std::size_t job, std::uint32_t worker, bool stalls_loop) noexcept {
  JobRecord& record = records_[job];
  record.worker = worker;
  record.stalled_loop = stalls_loop;
  record.timeline.blocking_start = Clock::now();
  const auto& step = *workload_.jobs[job].blocking;
  if (const auto* const fetch = std::get_if<Fetch>(&step)) {
    const FetchResult result = client_.get(*fetch);
    record.outcome.bytes += result.bytes;
    record.error = result.error;
  } else {
    record.outcome.number = fibonacci(std::get<Fibonacci>(step).n);
  }
  finish(job);
}

void JobRun::fail(std::size_t job, const JobError& error) noexcept {
  records_[job].error = error;
  finish(job);
}

std::optional<std::size_t> JobRun::fail_claimed(std::uint32_t worker,
                                                const JobError& error) noexcept {
  for (std::size_t job = 0; job < size(); ++job) {
    const auto claimed_by = records_[job].claimed_by.load(std::memory_order_acquire);
    if (claimed_by != worker + 1 || done(job)) continue;
    fail(job, error);
    return job;
  }
  return std::nullopt;
}

}  // namespace concurrency_models
