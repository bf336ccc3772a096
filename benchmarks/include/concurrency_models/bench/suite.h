#pragma once

#include <span>

#include "concurrency_models/execution_model.h"

namespace concurrency_models::bench {

/// The whole program: runs the cases the command line asks for and returns the exit status, 0 if
/// all went well, 1 if a case failed or could not be run, 2 for bad usage.
///
/// `own_models` join the library's: they are run beside the standard ones, unless --models lists
/// others, under every workload. Each needs a name of its own.
///
/// Standard output carries the results in the format asked for and nothing else; what is to be said
/// beside, each on one line, goes to standard error.
[[nodiscard]] int bench_main(int argc, char** argv,
                             std::span<const ExecutionModel> own_models = {});

}  // namespace concurrency_models::bench
