#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "concurrency_models/execution_model.h"
#include "concurrency_models/job_record.h"
#include "concurrency_models/workload.h"

namespace concurrency_models::bench {

/// Who ran which job when, in the latest run of each case, as Chrome Trace Event JSON, which
/// Perfetto and chrome://tracing show. Its format:
/// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
///
/// A case is a process there, a worker or event loop a thread. Requests that an event loop awaits
/// are asynchronous events, since many overlap; all else is a slice of its thread's time. The
/// category tells waiting from working.
class Trace {
 public:
  /// Replaces an earlier run of the same name. Costs little, but is for between runs.
  void add(const std::string& case_name, const ExecutionModel& model, const Workload& workload,
           const JobRecords& records, JobTimeline::TimePoint start);

  [[nodiscard]] nlohmann::ordered_json document() const;

  /// Throws std::runtime_error that names the file and says why it cannot be written.
  void write(const std::filesystem::path& file) const;

 private:
  struct JobTrace {
    std::uint32_t worker = 0;
    JobTimeline timeline;
    JobError error;
  };
  struct CaseTrace {
    std::string name;
    WorkerPolicy policy = WorkerPolicy::none;
    EventLoop event_loop = EventLoop::absent;
    const Workload* workload = nullptr;
    JobTimeline::TimePoint start;
    std::vector<JobTrace> jobs;
  };
  class Events;

  std::vector<CaseTrace> cases_;  ///< in the order in which they ran
};

}  // namespace concurrency_models::bench
