#pragma once

namespace concurrency_models {

/// Who does what under an execution model, as far as it decides how fast it can be at best: what
/// ideal_time goes by.
enum class ModelShape {
  /// Workers take jobs in order, and keep each to its end, while it waits too. A model without
  /// workers is one.
  workers,
  /// The same, but only one of them computes at a time.
  workers_under_lock,
  /// Event loops take jobs in order and await their requests all at once; a blocking step stalls
  /// its loop. A model without workers is one loop.
  event_loops,
  /// One event loop awaits all requests at once; workers take blocking steps in the order in which
  /// they become due, and keep each to its end.
  offloading_loop,
  /// The same, but only one of them all, the loop included, computes at a time.
  offloading_loop_under_lock,
};

}  // namespace concurrency_models
