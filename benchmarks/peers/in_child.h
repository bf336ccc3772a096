#pragma once

#include "concurrency_models/execution_model.h"

namespace concurrency_models::bench::peers {

/// The same model, each run of it in a child process of its own, whose only work it is: libraries
/// leave threads behind, after which nothing may fork. The child's usage counts as that of any
/// process that a model starts; its start and end are part of the run.
[[nodiscard]] ExecutionModel in_child(ExecutionModel model);

}  // namespace concurrency_models::bench::peers
