#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "concurrency_models/fetch.h"
#include "concurrency_models/file_read.h"

namespace concurrency_models {

/// One Fibonacci number to be computed the long way.
struct Fibonacci {
  unsigned n = 1;
};

/// One piece of work: a request, which an event loop may await, then a blocking step, which only a
/// thread or a process can run beside something else. Either may be absent; without both, there is
/// nothing to do. A request that fails ends its job.
///
/// Reading a file is a blocking step, but for event loops that can await it: see can_await_files().
struct Job {
  std::optional<Fetch> request;
  std::optional<std::variant<Fetch, Fibonacci, FileRead>> blocking;
};

/// What a job yields: bytes of all its fetches and files, and the number it computed (0: none).
struct Outcome {
  std::uint64_t bytes = 0;
  std::uint64_t number = 0;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// A named list of jobs. Plain data, not changed once made: threads and forked processes share it.
struct Workload {
  std::string name;
  std::vector<Job> jobs;
};

/// The fetches of all jobs, of both halves, in order.
[[nodiscard]] std::vector<Fetch> all_fetches(const Workload& workload);
/// How many fetches the job makes, 0 to 2.
[[nodiscard]] std::uint32_t count_fetches(const Job& job);

/// What the job must yield, so far as that is known beforehand: `bytes` is nothing if any of its
/// fetches may return any body.
struct ExpectedOutcome {
  std::optional<std::uint64_t> bytes;
  std::uint64_t number = 0;
};
[[nodiscard]] ExpectedOutcome expected_outcome(const Job& job);

/// "https://host01.origin.test:4433/…", "fibonacci(36)", or both joined by " + ", for messages.
[[nodiscard]] std::string describe(const Job& job);

}  // namespace concurrency_models
