#include "concurrency_models/thread_group.h"

#include <system_error>

namespace concurrency_models {

void ThreadGroup::start(const std::function<void(unsigned)>& body) {
  try {
    threads_.emplace_back(body, size());
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), "cannot start a worker thread");
  }
}

void ThreadGroup::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace concurrency_models
