#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "concurrency_models/execution_model.h"
#include "environment.h"
#include "options.h"

namespace concurrency_models::bench {

/// What the results need to be understood by: the build, the machine as far as it is ours to use,
/// and what was asked for. Keys whose value cannot be had are left out. What the user adds comes
/// last; throws UsageError if that has a key of ours. "execution_models" says of each of `models`
/// how many workers it has and what becomes of its event loop, so that a reader need not know it by
/// its name.
[[nodiscard]] nlohmann::ordered_json suite_context(const Options& options,
                                                   const Environment& environment,
                                                   std::span<const ExecutionModel> models);

/// The same for people: "usable_cores: 2". What has parts is left to programs.
[[nodiscard]] std::vector<std::string> to_lines(const nlohmann::ordered_json& context);

}  // namespace concurrency_models::bench
