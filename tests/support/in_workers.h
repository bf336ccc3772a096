#pragma once

#include <functional>

namespace concurrency_models {

/// While it lives, calls `body` in each process that this one forks, before anything else happens
/// there, with how many were forked before. That is how a test gets into the worker processes of
/// models that know nothing of it.
///
/// One at a time. What the forked processes fork themselves is left alone.
class InWorkers {
 public:
  explicit InWorkers(std::function<void(unsigned number)> body);
  ~InWorkers();
  InWorkers(const InWorkers&) = delete;
  InWorkers& operator=(const InWorkers&) = delete;
  InWorkers(InWorkers&&) = delete;
  InWorkers& operator=(InWorkers&&) = delete;
};

}  // namespace concurrency_models
