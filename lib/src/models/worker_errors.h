#pragma once

#include <boost/system/system_error.hpp>
#include <cerrno>
#include <new>
#include <string>
#include <system_error>

#include "concurrency_models/shared_array.h"

namespace concurrency_models::models {

/// What the system refused the workers of a pool, so that they could not work: for an event loop,
/// descriptors, for instance. Each writes its own, from a thread or a forked child; read it when
/// they have ended.
class WorkerErrors {
 public:
  explicit WorkerErrors(unsigned workers) : numbers_(workers) {}

  /// Calls body() for worker number `worker` and keeps what the system refused it. Other exceptions
  /// pass.
  template <class Body>
  void keep(unsigned worker, Body body) {
    try {
      body();
    } catch (const std::bad_alloc&) {
      numbers_[worker] = ENOMEM;
    } catch (const std::system_error& error) {
      numbers_[worker] = error.code().value();
    } catch (const boost::system::system_error& error) {
      numbers_[worker] = error.code().value();
    }
  }

  /// Throws std::system_error if a worker could not work: what was measured is no pool of that
  /// size, even though the others may have done its jobs.
  void rethrow() const {
    for (std::size_t worker = 0; worker < numbers_.size(); ++worker) {
      if (numbers_[worker] == 0) continue;
      throw std::system_error(numbers_[worker], std::generic_category(),
                              "worker " + std::to_string(worker) + " of " +
                                  std::to_string(numbers_.size()) + " cannot work");
    }
  }

 private:
  SharedArray<int> numbers_;  ///< by worker, as errno has them; 0: none
};

}  // namespace concurrency_models::models
