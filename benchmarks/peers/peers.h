#pragma once

#include <vector>

#include "concurrency_models/execution_model.h"

/// What others offer for the same work, as execution models: one file each, compiled where its
/// library was found.
namespace concurrency_models::bench::peers {

/// The io workload by libcurl's multi interface: one thread, the sockets watched by epoll. Needs a
/// libcurl that uses OpenSSL: see has_openssl.
[[nodiscard]] ExecutionModel libcurl_multi();
/// Whether the libcurl that was found does its TLS with OpenSSL, as this project's client does.
[[nodiscard]] bool has_openssl();

/// The cpu workload by oneTBB's parallel_for, in an arena of so many threads.
[[nodiscard]] ExecutionModel tbb();
/// The same by an OpenMP loop with dynamic schedule.
[[nodiscard]] ExecutionModel openmp();
/// The same by std::for_each with std::execution::par.
[[nodiscard]] ExecutionModel parallel_for_each();

}  // namespace concurrency_models::bench::peers
