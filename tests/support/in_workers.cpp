#include "support/in_workers.h"

#include <pthread.h>

#include <utility>

namespace concurrency_models {
namespace {

struct Hook {
  std::function<void(unsigned)> body;
  unsigned forked = 0;
};

Hook& hook() {
  static Hook the_hook;
  return the_hook;
}

void count() { ++hook().forked; }

void call() {
  // Taken out: what the body forks, it forks for itself.
  const std::function<void(unsigned)> body = std::exchange(hook().body, nullptr);
  if (body) body(hook().forked - 1);
}

}  // namespace

InWorkers::InWorkers(std::function<void(unsigned number)> body) {
  [[maybe_unused]] static const int registered = ::pthread_atfork(count, nullptr, call);
  hook() = {.body = std::move(body), .forked = 0};
}

InWorkers::~InWorkers() { hook() = {}; }

}  // namespace concurrency_models
