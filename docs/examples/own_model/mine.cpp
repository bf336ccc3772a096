// An execution model of one's own: an event loop made of poll(2), without Asio, and a few threads
// for what would stall it. Knows the library's headers and nothing else of it.
#include <concurrency_models/execution_model.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace cm = concurrency_models;

/// Threads that run blocking steps, first come, first served.
class Threads {
 public:
  explicit Threads(cm::JobRun& jobs) : jobs_(jobs) {}
  /// Returns when all that was submitted is done and no thread is left.
  ~Threads() {
    {
      const std::scoped_lock lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  Threads(Threads&&) = delete;
  Threads& operator=(Threads&&) = delete;

  /// Throws if the system has no thread left. If the constructor did, nobody would join the others.
  void start(unsigned count) {
    for (unsigned number = 0; number < count; ++number) {
      threads_.emplace_back([this, number] { work(number); });
    }
  }

  void submit(std::size_t job) {
    {
      const std::scoped_lock lock(mutex_);
      waiting_.push_back(job);
    }
    changed_.notify_one();
  }

 private:
  void work(unsigned number) {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const std::size_t job = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      // Never throws: what becomes of the job, errors included, is in its record.
      jobs_.blocking_step(job, number, false);
      lock.lock();
    }
  }

  cm::JobRun& jobs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::size_t> waiting_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

/// A request under way. Its socket is closed when this goes.
struct Request {
  std::size_t job;
  cm::PendingFetch fetch;
};

/// Waits until there is something to do for some of the requests, and does it.
void take_turn(std::vector<Request>& requests) {
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;
  std::vector<pollfd> sockets;
  auto deadline = Clock::time_point::max();
  for (const Request& request : requests) {
    const bool reads = request.fetch.need() == cm::Need::readable;
    sockets.push_back({.fd = request.fetch.descriptor(),
                       .events = static_cast<short>(reads ? POLLIN : POLLOUT),
                       .revents = 0});
    deadline = std::min(deadline, request.fetch.deadline());
  }
  // Rounded up, else the last millisecond would be spent asking.
  const auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now());
  const auto timeout = std::clamp(left, Milliseconds(0), Milliseconds(INT_MAX)).count();
  const int ready =
      ::poll(sockets.data(), static_cast<nfds_t>(sockets.size()), static_cast<int>(timeout));
  // After a signal nothing is ready, which does no harm.
  if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  for (std::size_t i = 0; i < requests.size(); ++i) {
    cm::PendingFetch& fetch = requests[i].fetch;
    if (Clock::now() >= fetch.deadline()) {
      fetch.fail(cm::Error::deadline_exceeded);
    } else if (sockets[i].revents != 0) {
      fetch.proceed();  // after errors too: it finds out which
    }
  }
}

cm::WorkersUsed run(cm::JobRun& jobs, unsigned workers) {
  Threads threads(jobs);
  threads.start(workers);

  // Whatever came of the request is told the run, which says whether a blocking step follows. For
  // a job without a request that is so at once.
  const auto is_over = [&](const Request& request) {
    if (request.fetch.need() != cm::Need::nothing) return false;
    if (jobs.end_request(request.job, request.fetch.result())) threads.submit(request.job);
    return true;
  };
  std::vector<Request> requests;
  std::size_t next = 0;
  const auto begin_all_that_may_be = [&] {
    while (next < jobs.size() && requests.size() < jobs.in_flight()) {
      const std::size_t job = next++;
      Request request{.job = job, .fetch = jobs.begin_request(job)};
      if (!is_over(request)) requests.push_back(std::move(request));
    }
  };
  begin_all_that_may_be();
  while (!requests.empty()) {
    take_turn(requests);
    std::erase_if(requests, is_over);
    begin_all_that_may_be();
  }
  return {.processes = 0, .threads = workers, .children = {}};  // once the threads are through
}

}  // namespace

concurrency_models::ExecutionModel mine() {
  return {.name = "mine",
          .policy = cm::WorkerPolicy::bounded,
          .event_loop = cm::EventLoop::kept_free,
          .forks = false,
          .default_workers = cm::thread_pool_workers,
          .run = run,
          .shape = cm::ModelShape::offloading_loop};
}
