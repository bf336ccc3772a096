#include "concurrency_models/job_queue.h"

namespace concurrency_models {

JobQueue::JobQueue(JobRecords& records)
    : records_(records), order_(records.size()), positions_(1) {}

void JobQueue::submit(std::size_t job) {
  std::atomic<std::uint32_t>& submitted = positions_[0].submitted;
  const std::uint32_t position = submitted.load(std::memory_order_relaxed);
  order_[position] = static_cast<std::uint32_t>(job);
  submitted.store(position + 1, std::memory_order_release);
}

void JobQueue::submit_all() {
  for (std::size_t job = 0; job < records_.size(); ++job) submit(job);
}

std::optional<std::size_t> JobQueue::claim(std::uint32_t worker) {
  auto& [submitted, head] = positions_[0];
  std::uint32_t position = head.load(std::memory_order_acquire);
  while (position < submitted.load(std::memory_order_acquire)) {
    const std::uint32_t job = order_[position];
    std::uint32_t nobody = 0;
    const bool mine = records_[job].claimed_by.compare_exchange_strong(nobody, worker + 1,
                                                                       std::memory_order_acq_rel);
    // Whoever finds a job taken moves the head on, in case its taker died before doing so. When
    // this fails, `position` is where others have moved it to.
    if (head.compare_exchange_strong(position, position + 1, std::memory_order_acq_rel)) ++position;
    if (mine) return job;
  }
  return std::nullopt;
}

}  // namespace concurrency_models
