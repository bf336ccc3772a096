#include "concurrency_models/thread_group.h"

namespace concurrency_models {

void ThreadGroup::start(const std::function<void(unsigned)>& body) {
  threads_.emplace_back(body, size());
}

void ThreadGroup::join() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace concurrency_models
