#include "models/awaitable_threads.h"

namespace concurrency_models::models {
namespace {

thread_local unsigned number_of_this_thread = 0;

}  // namespace

AwaitableThreads::AwaitableThreads(unsigned workers)
    : pool_(static_cast<int>(workers)), more_to_come_(boost::asio::make_work_guard(pool_)) {
  for (unsigned number = 0; number < workers; ++number) {
    group_.start([this](unsigned worker) {
      number_of_this_thread = worker;
      pool_.run();
    });
  }
}

WorkersUsed AwaitableThreads::join() {
  group_.join();
  return {.processes = 0, .threads = group_.size(), .children = {}};
}

unsigned AwaitableThreads::this_worker() { return number_of_this_thread; }

}  // namespace concurrency_models::models
