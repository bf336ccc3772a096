#include "concurrency_models/job_run.h"

#include "concurrency_models/fibonacci.h"

namespace concurrency_models {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

JobRun::JobRun(const Workload& workload, const HttpClient& client, std::size_t in_flight)
    : workload_(workload), client_(client), in_flight_(in_flight), records_(workload.jobs.size()) {}

void JobRun::start(std::size_t job, std::uint32_t worker) noexcept {
  JobRecord& record = records_[job];
  record.worker = worker;
  record.timeline.start = Clock::now();
  record.state.store(JobState::running, std::memory_order_relaxed);
}

bool JobRun::end_request(std::size_t job, const FetchResult& result) noexcept {
  const Job& work = workload_.jobs[job];
  JobRecord& record = records_[job];
  if (work.request) {
    record.timeline.request_done = Clock::now();
    settle(job, result);
    record.reused += result.reused ? 1 : 0;
  }
  if (!result.error && work.blocking) return true;
  finish(job);
  return false;
}

template <class Result>
void JobRun::settle(std::size_t job, const Result& result) noexcept {
  records_[job].outcome.bytes += result.bytes;
  records_[job].error = result.error;
}

void JobRun::finish(std::size_t job) noexcept {
  JobRecord& record = records_[job];
  record.timeline.end = Clock::now();
  record.state.store(JobState::done, std::memory_order_release);
}

void JobRun::run(std::size_t job, std::uint32_t worker, ThreadHooks* hooks) noexcept {
  const Job& work = workload_.jobs[job];
  start(job, worker);
  const FetchResult result = work.request ? client_.get(*work.request, hooks) : FetchResult();
  if (end_request(job, result)) blocking_step(job, worker, false, hooks);
}

boost::asio::awaitable<bool> JobRun::request(std::size_t job, std::uint32_t worker) {
  const Job& work = workload_.jobs[job];
  start(job, worker);
  FetchResult result;
  if (work.request) {
    result = co_await client_.async_get(*work.request);
  }
  if (!end_request(job, result)) co_return false;
  const auto* const file = std::get_if<FileRead>(&*work.blocking);
  if (file == nullptr || !can_await_files()) co_return true;
  records_[job].timeline.blocking_start = Clock::now();
  const FileResult read = co_await async_read_file(*file);
  settle(job, read);
  finish(job);
  co_return false;
}

PendingFetch JobRun::begin_request(std::size_t job, std::uint32_t worker) {
  const Job& work = workload_.jobs[job];
  start(job, worker);
  return work.request ? client_.begin(*work.request) : PendingFetch();
}

void JobRun::blocking_step(std::size_t job, std::uint32_t worker, bool stalls_loop,
                           ThreadHooks* hooks) noexcept {
  JobRecord& record = records_[job];
  record.worker = worker;
  record.stalled_loop = stalls_loop;
  record.timeline.blocking_start = Clock::now();
  const auto& step = *workload_.jobs[job].blocking;
  if (const auto* const fetch = std::get_if<Fetch>(&step)) {
    const FetchResult result = client_.get(*fetch, hooks);
    settle(job, result);
    record.reused += result.reused ? 1 : 0;
  } else if (const auto* const file = std::get_if<FileRead>(&step)) {
    settle(job, read_file(*file, hooks));
  } else {
    const unsigned n = std::get<Fibonacci>(step).n;
    record.outcome.number = hooks != nullptr ? fibonacci_with_safepoints(n, *hooks) : fibonacci(n);
  }
  finish(job);
}

void JobRun::fail(std::size_t job, const JobError& error) noexcept {
  records_[job].error = error;
  finish(job);
}

void JobRun::fail_claimed(std::uint32_t worker, const JobError& error) {
  for (std::size_t job = 0; job < size(); ++job) {
    const auto claimed_by = records_[job].claimed_by.load(std::memory_order_acquire);
    if (claimed_by == worker + 1 && !done(job)) fail(job, error);
  }
}

}  // namespace concurrency_models
