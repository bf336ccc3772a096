#pragma once

#include <system_error>
#include <vector>

#include "concurrency_models/job_run.h"

namespace concurrency_models::models {

/// Starts in `group`, threads or processes, one for every job, which calls body(job, number). Where
/// the system has none left, the job fails. Returns the jobs by number of the started.
template <class Group, class Body>
std::vector<std::size_t> start_one_per_job(Group& group, JobRun& jobs, Body body) {
  std::vector<std::size_t> started;
  for (std::size_t job = 0; job < jobs.size(); ++job) {
    try {
      group.start([body, job](unsigned number) { body(job, number); });
      started.push_back(job);
    } catch (const std::system_error& error) {
      jobs.fail(job, {.stage = Stage::start, .code = error.code()});
    }
  }
  return started;
}

}  // namespace concurrency_models::models
