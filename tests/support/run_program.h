#pragma once

#include <string>
#include <vector>

#include "support/running_program.h"

namespace concurrency_models {

/// Runs a program without input to its end, see RunningProgram.
[[nodiscard]] ProgramResult run_program(std::vector<std::string> command,
                                        const AddedEnvironment& environment = {});

/// run_program of bench with these arguments.
[[nodiscard]] ProgramResult run_bench(std::vector<std::string> arguments,
                                      const AddedEnvironment& environment = {});

}  // namespace concurrency_models
