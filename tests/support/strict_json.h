#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace concurrency_models {

/// Parses one whole document by RFC 8259 and refuses what that merely advises against: names that
/// occur twice in an object. Throws what nlohmann's parser does, or std::invalid_argument.
[[nodiscard]] nlohmann::json parse_strictly(const std::string& text);

}  // namespace concurrency_models
