#pragma once

#include <filesystem>

namespace concurrency_models::bench {

/// The origin to start: `preferred`, if there is such a file, otherwise the one beside the running
/// program. Throws std::runtime_error that names both and says what to do, if there is neither.
[[nodiscard]] std::filesystem::path find_origin(const std::filesystem::path& preferred);

}  // namespace concurrency_models::bench
