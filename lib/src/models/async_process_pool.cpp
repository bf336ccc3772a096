// The event loop; blocking steps are offloaded to N processes. A worker that dies takes the job it
// was at with it; the others go on with the rest, and when there are none left, the rest fails.
#include <sys/types.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "concurrency_models/job_queue.h"
#include "concurrency_models/process_group.h"
#include "file_descriptor.h"
#include "models/event_loop.h"
#include "models/models.h"

namespace concurrency_models::models {
namespace {

namespace asio = boost::asio;

/// Worker processes whose work an event loop can await.
///
/// Jobs wait in a queue in shared memory. A byte in the wake pipe sends one sleeping worker to look
/// there; it goes on until it finds none. Each worker has a pipe of its own, into which it writes
/// the number of every job it has done, and whose end tells that it is gone.
class AwaitableProcesses {
 public:
  /// Forks, and so must be made before the event loop.
  AwaitableProcesses(JobRun& jobs, unsigned workers)
      : jobs_(jobs), queue_(jobs.records()), waiting_(jobs.size(), nullptr) {
    set_non_blocking(wake_.write.get());
    for (unsigned number = 0; number < workers; ++number) {
      Pipe done = make_pipe();
      group_.start([this, &done](unsigned worker) { work(worker, done.write.get()); });
      done_.push_back(std::move(done.read));
    }
    alive_ = workers;
  }

  void attach(asio::io_context& loop) {
    for (unsigned worker = 0; worker < done_.size(); ++worker) {
      asio::co_spawn(loop, listen(worker), rethrow);
    }
  }

  asio::awaitable<void> blocking_step(std::size_t job) {
    if (alive_ == 0) {
      jobs_.fail(job, no_worker_left());
      co_return;
    }
    // A timer that never expires serves as an event: cancelling it wakes whoever waits.
    asio::steady_timer done(co_await asio::this_coro::executor,
                            asio::steady_timer::time_point::max());
    waiting_[job] = &done;
    queue_.submit(job);
    wake_one();
    co_await done.async_wait(asio::as_tuple(asio::use_awaitable));
  }

  /// No more jobs will come: workers leave when they have done what they are at.
  void close() { wake_.write.close(); }

  /// Once the loop has run: every worker has been reaped by then.
  [[nodiscard]] WorkersUsed used() const {
    return {.processes = group_.size(), .threads = 0, .children = group_.usage()};
  }

 private:
  static JobError no_worker_left() { return {.stage = Stage::start, .code = Error::never_run}; }

  /// In the child.
  void work(unsigned worker, int done) {
    // Other workers' pipes must end with them, and the wake pipe with the parent.
    done_.clear();
    wake_.write.close();
    char token = 0;
    while (::read(wake_.read.get(), &token, 1) == 1) {
      while (const auto job = queue_.claim(worker)) {
        jobs_.blocking_step(*job, worker, false);
        const auto number = static_cast<std::uint32_t>(*job);
        if (::write(done, &number, sizeof number) != sizeof number) return;
        if (ProcessGroup::parent_is_gone()) return;
      }
    }
  }

  void wake_one() {
    if (wake_.write.get() < 0) return;
    const char token = 0;
    // If the pipe is full there are thousands of bytes to wake workers with: one more adds nothing.
    static_cast<void>(!::write(wake_.write.get(), &token, 1));
  }

  void complete(std::size_t job) {
    if (waiting_[job] != nullptr) waiting_[job]->cancel();
    waiting_[job] = nullptr;
  }

  asio::awaitable<void> listen(unsigned worker) {
    asio::posix::stream_descriptor done(co_await asio::this_coro::executor,
                                        done_[worker].release());
    std::uint32_t job = 0;
    while (true) {
      const auto [error, size] = co_await asio::async_read(done, asio::buffer(&job, sizeof job),
                                                           asio::as_tuple(asio::use_awaitable));
      if (error) break;
      complete(job);
    }
    worker_ended(worker);
  }

  void worker_ended(unsigned worker) {
    const int status = group_.wait(worker);
    --alive_;
    const JobError error{.stage = Stage::work, .code = {status, process_exit_category()}};
    jobs_.fail_claimed(worker, error);
    // Among them are jobs that it had done but did not come to say so.
    for (std::size_t job = 0; job < waiting_.size(); ++job) {
      if (jobs_.done(job)) complete(job);
    }
    // The byte that woke it may have been meant for a job that it never took.
    wake_one();
    if (alive_ > 0) return;
    for (std::size_t job = 0; job < waiting_.size(); ++job) {
      if (waiting_[job] == nullptr) continue;
      jobs_.fail(job, no_worker_left());
      complete(job);
    }
  }

  JobRun& jobs_;
  JobQueue queue_;
  Pipe wake_ = make_pipe();
  ProcessGroup group_;
  std::vector<FileDescriptor> done_;          ///< by worker, until the loop takes it over
  std::vector<asio::steady_timer*> waiting_;  ///< by job: the event of who awaits it
  unsigned alive_ = 0;
};

}  // namespace

WorkersUsed async_process_pool(JobRun& jobs, unsigned workers) {
  AwaitableProcesses pool(jobs, workers);
  asio::io_context loop(1);
  pool.attach(loop);
  run_on_event_loop(
      loop, jobs, [&pool](std::size_t job) { return pool.blocking_step(job); },
      [&pool] { pool.close(); });
  return pool.used();
}

}  // namespace concurrency_models::models
