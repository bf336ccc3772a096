#include "support/run_program.h"

#include <utility>

namespace concurrency_models {

ProgramResult run_program(std::vector<std::string> command, const AddedEnvironment& environment) {
  return RunningProgram(std::move(command), environment, ProgramInput::nothing).finish();
}

ProgramResult run_bench(std::vector<std::string> arguments, const AddedEnvironment& environment) {
  arguments.insert(arguments.begin(), CONCURRENCY_MODELS_BENCH);
  return run_program(std::move(arguments), environment);
}

}  // namespace concurrency_models
