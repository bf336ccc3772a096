#pragma once

#include <filesystem>
#include <span>

#include "concurrency_models/execution_model.h"

// What links the suite is compiled with the place of the origin that belongs to it.
#ifndef CONCURRENCY_MODELS_ORIGIN_PROGRAM
#define CONCURRENCY_MODELS_ORIGIN_PROGRAM ""
#endif

namespace concurrency_models::bench {

/// The whole program: runs the cases the command line asks for and returns the exit status, 0 if
/// all went well, 1 if a case failed or could not be run, 2 for bad usage.
///
/// `own_models` join the library's: they are run beside the standard ones, unless --models lists
/// others, under every workload that they can run. Each needs a name of its own, unless it is one
/// of the library's others, from all_models(), which are run as the standard ones are then.
///
/// The origin it starts, unless the command line names other servers, is `origin_program`; if there
/// is no such file (any more), one named "origin" beside the running program.
///
/// Standard output carries the results in the format asked for and nothing else; what is to be said
/// beside, each on one line, goes to standard error.
[[nodiscard]] int bench_main(
    int argc, char** argv, std::span<const ExecutionModel> own_models = {},
    const std::filesystem::path& origin_program = CONCURRENCY_MODELS_ORIGIN_PROGRAM);

}  // namespace concurrency_models::bench
