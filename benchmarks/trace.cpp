#include "trace.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <system_error>

namespace concurrency_models::bench {
namespace {

using nlohmann::ordered_json;

constexpr const char* waiting = "waiting";
constexpr const char* working = "working";

const char* category_of(const Job& job) {
  return std::holds_alternative<Fibonacci>(*job.blocking) ? working : waiting;
}

bool happened(JobTimeline::TimePoint time) { return time != JobTimeline::TimePoint(); }

}  // namespace

/// The events of one case.
class Trace::Events {
 public:
  Events(const CaseTrace& trace, std::size_t number) : trace_(trace), number_(number) {}

  void append_to(ordered_json& events) {
    for (std::size_t job = 0; job < trace_.jobs.size(); ++job) add_job(job);
    name("process_name", {}, trace_.name);
    for (const unsigned thread : threads_) name("thread_name", thread, thread_name(thread));
    for (ordered_json& event : events_) events.push_back(std::move(event));
  }

 private:
  /// Loops come first; where blocking steps are kept from the only one, workers follow it.
  [[nodiscard]] unsigned thread_of_request(const JobTrace& job) const {
    return trace_.event_loop == EventLoop::kept_free ? 0 : job.worker;
  }
  [[nodiscard]] unsigned thread_of_step(const JobTrace& job) const {
    return trace_.event_loop == EventLoop::kept_free ? job.worker + 1 : job.worker;
  }
  [[nodiscard]] std::string thread_name(unsigned thread) const {
    const std::string number = ' ' + std::to_string(thread);
    switch (trace_.event_loop) {
      case EventLoop::kept_free:
        return thread == 0 ? "event loop" : "worker " + std::to_string(thread - 1);
      case EventLoop::stalled:
        return trace_.policy == WorkerPolicy::none ? "event loop" : "event loop" + number;
      case EventLoop::absent:
        return trace_.policy == WorkerPolicy::none ? "main thread" : "worker" + number;
    }
    return {};
  }

  [[nodiscard]] double microseconds(JobTimeline::TimePoint time) const {
    return std::chrono::duration<double, std::micro>(time - trace_.start).count();
  }

  void add_job(std::size_t number) {
    const JobTrace& job = trace_.jobs[number];
    const Job& work = trace_.workload->jobs[number];
    const bool requested = happened(job.timeline.request_done);
    const bool stepped = happened(job.timeline.blocking_start);
    // What failed is told where it did.
    if (requested) {
      add_request(number, job.timeline.start, job.timeline.request_done,
                  arguments(number, !stepped));
    }
    if (stepped) {
      add_slice(number, category_of(work), thread_of_step(job), job.timeline.blocking_start,
                job.timeline.end, arguments(number, true));
    }
  }

  [[nodiscard]] ordered_json arguments(std::size_t number, bool with_error) const {
    ordered_json all = {{"job", number}, {"what", describe(trace_.workload->jobs[number])}};
    const JobError& error = trace_.jobs[number].error;
    if (with_error && error) all["error"] = error.text();
    return all;
  }

  void add_request(std::size_t number, JobTimeline::TimePoint from, JobTimeline::TimePoint to,
                   ordered_json arguments) {
    const unsigned thread = thread_of_request(trace_.jobs[number]);
    if (trace_.event_loop == EventLoop::absent) {
      add_slice(number, waiting, thread, from, to, std::move(arguments));
      return;
    }
    ordered_json begin = event(number, waiting, "b", thread, from);
    ordered_json end = event(number, waiting, "e", thread, to);
    begin["id"] = end["id"] = std::to_string(number_) + '.' + std::to_string(number);
    begin["args"] = std::move(arguments);
    events_.push_back(std::move(begin));
    events_.push_back(std::move(end));
  }

  void add_slice(std::size_t number, const char* category, unsigned thread,
                 JobTimeline::TimePoint from, JobTimeline::TimePoint to, ordered_json arguments) {
    ordered_json slice = event(number, category, "X", thread, from);
    slice["dur"] = microseconds(to) - microseconds(from);
    slice["args"] = std::move(arguments);
    events_.push_back(std::move(slice));
  }

  [[nodiscard]] ordered_json event(std::size_t number, const char* category, const char* phase,
                                   unsigned thread, JobTimeline::TimePoint time) {
    threads_.insert(thread);
    return {{"name", "job " + std::to_string(number)},
            {"cat", category},
            {"ph", phase},
            {"ts", microseconds(time)},
            {"pid", number_},
            {"tid", thread}};
  }

  void name(const char* what, unsigned thread, const std::string& text) {
    events_.push_back({{"name", what},
                       {"ph", "M"},
                       {"pid", number_},
                       {"tid", thread},
                       {"args", {{"name", text}}}});
  }

  const CaseTrace& trace_;
  std::size_t number_;
  std::set<unsigned> threads_;
  std::vector<ordered_json> events_;
};

void Trace::add(const std::string& case_name, const ExecutionModel& model, const Workload& workload,
                const JobRecords& records, JobTimeline::TimePoint start) {
  auto found = std::find_if(cases_.begin(), cases_.end(),
                            [&](const CaseTrace& each) { return each.name == case_name; });
  if (found == cases_.end()) {
    found = cases_.insert(cases_.end(), {.name = case_name,
                                         .policy = model.policy,
                                         .event_loop = model.event_loop,
                                         .workload = &workload,
                                         .start = start,
                                         .jobs = {}});
  }
  found->start = start;
  found->jobs.resize(records.size());
  for (std::size_t job = 0; job < records.size(); ++job) {
    const JobRecord& record = records[job];
    found->jobs[job] = {
        .worker = record.worker, .timeline = record.timeline, .error = record.error};
  }
}

ordered_json Trace::document() const {
  ordered_json events = ordered_json::array();
  for (std::size_t i = 0; i < cases_.size(); ++i) Events(cases_[i], i + 1).append_to(events);
  return {{"traceEvents", std::move(events)}, {"displayTimeUnit", "ms"}};
}

void Trace::write(const std::filesystem::path& file) const {
  errno = 0;
  std::ofstream out(file, std::ios::binary);
  out << document().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n'
      << std::flush;
  if (!out) {
    throw std::runtime_error("--trace: '" + file.string() +
                             "': cannot be written: " + std::generic_category().message(errno) +
                             "; make room, or write it elsewhere");
  }
}

}  // namespace concurrency_models::bench
