#pragma once

#include "concurrency_models/execution_model.h"

/// The run functions of the models, one file each, as the table lists them.
namespace concurrency_models::models {

#define CONCURRENCY_MODELS_ROW(name, ...) WorkersUsed name(JobRun& jobs, unsigned workers);
#include "models/table.inc"
#undef CONCURRENCY_MODELS_ROW

}  // namespace concurrency_models::models
