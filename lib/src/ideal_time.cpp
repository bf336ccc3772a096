#include "concurrency_models/ideal_time.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <limits>
#include <queue>
#include <tuple>
#include <vector>

namespace concurrency_models {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool is_under_lock(ModelShape shape) {
  return shape == ModelShape::workers_under_lock || shape == ModelShape::offloading_loop_under_lock;
}

bool offloads(ModelShape shape) {
  return shape == ModelShape::offloading_loop || shape == ModelShape::offloading_loop_under_lock;
}

bool loops(ModelShape shape) { return shape == ModelShape::event_loops || offloads(shape); }

/// Half a job, on one of the processors.
struct Task {
  std::size_t job = 0;
  bool is_request = true;
  std::size_t processor = 0;
};

/// Tasks by the moment when they are due; those due together in the order in which they came.
class Schedule {
 public:
  void add(double due, const Task& task) {
    tasks_.push({.due = due, .number = next_++, .task = task});
  }
  [[nodiscard]] bool empty() const { return tasks_.empty(); }
  [[nodiscard]] std::size_t size() const { return tasks_.size(); }
  [[nodiscard]] double due() const {
    if (empty()) return infinity;
    return tasks_.top().due;
  }
  Task take() {
    const Task task = tasks_.top().task;
    tasks_.pop();
    return task;
  }

 private:
  struct Entry {
    double due;
    std::size_t number;
    Task task;

    friend bool operator>(const Entry& a, const Entry& b) {
      return std::tie(a.due, a.number) > std::tie(b.due, b.number);
    }
  };
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> tasks_;
  std::size_t next_ = 0;
};

/// Processors are the client's workers and event loops. All times are seconds since the start.
class Simulation {
 public:
  Simulation(std::span<const JobCost> jobs, ModelShape shape, std::size_t workers,
             const ComputingCapacity& capacity, std::size_t in_flight)
      : jobs_(jobs),
        shape_(shape),
        capacity_(capacity),
        in_flight_(in_flight),
        // Whoever has no job at all changes nothing.
        processors_(std::min(workers, std::max<std::size_t>(1, jobs.size())) +
                    (offloads(shape) ? 1 : 0)) {}

  double run() {
    for (std::size_t processor = 0; processor < processors_.size(); ++processor) {
      go_on(processor);
    }
    while (take_step()) {
    }
    return end_;
  }

 private:
  struct Processor {
    bool busy = false;
    std::size_t in_flight = 0;  ///< of an event loop: jobs begun and not ended
    std::deque<Task> stalling;  ///< blocking steps that only this event loop can run
  };

  [[nodiscard]] const StepCost& cost(const Task& task) const {
    const JobCost& job = jobs_[task.job];
    return task.is_request ? *job.request : *job.blocking;
  }

  [[nodiscard]] bool holds_processor(const Task& task) const {
    return !loops(shape_) || !task.is_request;
  }

  [[nodiscard]] bool takes_jobs(std::size_t processor) const {
    return !offloads(shape_) || processor == 0;
  }

  /// The processor has nothing to do: gives it the next thing, if there is one.
  void go_on(std::size_t processor) {
    const Processor& self = processors_[processor];
    if (!takes_jobs(processor)) {
      if (offloaded_.empty()) return idle_.push_back(processor);
      return compute_next(offloaded_, processor);
    }
    while (!self.busy && next_job_ < jobs_.size() && self.in_flight < in_flight_) {
      start(next_job_++, processor);
    }
    if (!self.busy && !self.stalling.empty()) {
      compute_next(processors_[processor].stalling, processor);
    }
  }

  void start(std::size_t job, std::size_t processor) {
    const bool is_nothing = !jobs_[job].request && !jobs_[job].blocking;
    if (loops(shape_) && !is_nothing) ++processors_[processor].in_flight;
    if (jobs_[job].request) {
      compute({.job = job, .is_request = true, .processor = processor});
    } else if (jobs_[job].blocking) {
      const Task task{.job = job, .is_request = false, .processor = processor};
      if (offloads(shape_)) return offload(task);
      compute(task);
    }
  }

  void offload(const Task& task) {
    offloaded_.push_back(task);
    if (idle_.empty()) return;
    const std::size_t processor = idle_.front();
    idle_.pop_front();
    go_on(processor);
  }

  void compute_next(std::deque<Task>& due, std::size_t processor) {
    Task task = due.front();
    due.pop_front();
    task.processor = processor;
    compute(task);
  }

  void compute(const Task& task) {
    processors_[task.processor].busy = true;
    computing_.add(client_clock_ + cost(task).client_cpu.count(), task);
  }

  void end_computing(const Task& task) {
    if (cost(task).origin_cpu > Seconds::zero()) {
      if (at_origin_.empty()) origin_left_ = cost(task).origin_cpu.count();
      at_origin_.push_back(task);
    } else {
      waiting_.add(now_ + cost(task).latency.count(), task);
    }
    if (!holds_processor(task)) leave(task.processor);
  }

  void end_at_origin() {
    const Task task = at_origin_.front();
    at_origin_.pop_front();
    if (!at_origin_.empty()) origin_left_ = cost(at_origin_.front()).origin_cpu.count();
    waiting_.add(now_ + cost(task).latency.count(), task);
  }

  void end_waiting(Task task) {
    const bool goes_on = task.is_request && jobs_[task.job].blocking;
    if (!goes_on) {
      end_ = now_;
      if (loops(shape_)) end_job(offloads(shape_) ? 0 : task.processor);
      if (holds_processor(task)) leave(task.processor);
      return;
    }
    task.is_request = false;
    if (offloads(shape_)) return offload(task);
    if (!loops(shape_)) return compute(task);
    processors_[task.processor].stalling.push_back(task);
    if (!processors_[task.processor].busy) go_on(task.processor);
  }

  /// There is room for another on its event loop.
  void end_job(std::size_t loop) {
    --processors_[loop].in_flight;
    if (!processors_[loop].busy) go_on(loop);
  }

  void leave(std::size_t processor) {
    processors_[processor].busy = false;
    go_on(processor);
  }

  /// Seconds of computing in a second, for each processor that computes and for the origin.
  struct Speeds {
    double client = 1;
    double origin = 1;
  };
  [[nodiscard]] Speeds speeds() const {
    const auto computing = static_cast<double>(computing_.size());
    const double wanted = is_under_lock(shape_) ? std::min(computing, 1.0) : computing;
    const bool origin_takes = capacity_.origin_shares && !at_origin_.empty();
    const double total = wanted + (origin_takes ? 1 : 0);
    const double share = total > capacity_.cores ? capacity_.cores / total : 1;
    return {.client = computing > 0 ? share * wanted / computing : 1,
            .origin = capacity_.origin_shares ? share : 1};
  }

  /// Goes on to whatever happens next; false if nothing does.
  bool take_step() {
    const auto [client, origin] = speeds();
    const double computed =
        computing_.empty() ? infinity : now_ + (computing_.due() - client_clock_) / client;
    const double answered = at_origin_.empty() ? infinity : now_ + origin_left_ / origin;
    const double waited = waiting_.due();
    const double next = std::min({computed, answered, waited});
    if (next == infinity) return false;
    const double passed = next - now_;
    now_ = next;
    // The clock is set to what is due, lest rounding leave a rest that never ends.
    client_clock_ = computed <= next ? computing_.due() : client_clock_ + passed * client;
    origin_left_ -= passed * origin;
    if (computed <= next) {
      end_computing(computing_.take());
    } else if (answered <= next) {
      end_at_origin();
    } else {
      end_waiting(waiting_.take());
    }
    return true;
  }

  std::span<const JobCost> jobs_;
  ModelShape shape_;
  ComputingCapacity capacity_;
  std::size_t in_flight_;
  std::vector<Processor> processors_;
  std::deque<std::size_t> idle_;  ///< those that wait for what is offloaded
  std::deque<Task> offloaded_;
  std::size_t next_job_ = 0;
  /// Seconds that each of the computing processors has computed, were it there from the start.
  double client_clock_ = 0;
  Schedule computing_;  ///< by the client's clock
  std::deque<Task> at_origin_;
  double origin_left_ = 0;  ///< of the first there
  Schedule waiting_;
  double now_ = 0;
  double end_ = 0;
};

}  // namespace

Seconds ideal_time(std::span<const JobCost> jobs, ModelShape shape, std::size_t workers,
                   const ComputingCapacity& capacity, std::size_t in_flight) {
  return Seconds(Simulation(jobs, shape, workers, capacity, in_flight).run());
}

std::optional<Seconds> ideal_time(std::span<const JobCost> jobs, const ExecutionModel& model,
                                  unsigned workers, const ComputingCapacity& capacity,
                                  std::size_t in_flight) {
  if (!model.shape) return std::nullopt;
  switch (model.policy) {
    case WorkerPolicy::none:
      return ideal_time(jobs, *model.shape, 1, capacity, in_flight);
    case WorkerPolicy::per_job:
      return ideal_time(jobs, *model.shape, jobs.size(), capacity, in_flight);
    case WorkerPolicy::bounded:
      return ideal_time(jobs, *model.shape, workers, capacity, in_flight);
  }
  return std::nullopt;
}

}  // namespace concurrency_models
