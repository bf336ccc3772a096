#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "environment.h"
#include "options.h"

namespace concurrency_models::bench {

/// What the results need to be understood by: the build, the machine as far as it is ours to use,
/// and what was asked for. Keys whose value cannot be had are left out. What the user adds comes
/// last; throws UsageError if that has a key of ours.
[[nodiscard]] nlohmann::ordered_json suite_context(const Options& options,
                                                   const Environment& environment);

/// The same for people: "usable_cores: 2".
[[nodiscard]] std::vector<std::string> to_lines(const nlohmann::ordered_json& context);

}  // namespace concurrency_models::bench
