#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "concurrency_models/execution_model.h"

namespace concurrency_models::bench {

/// Which of the things that have names to take: --models and --workloads.
struct Selection {
  enum class Kind { standard, all, listed };

  Kind kind = Kind::standard;
  std::vector<std::string> names;  ///< if listed
};

/// "standard", "all", or "name,name". Throws std::invalid_argument.
[[nodiscard]] Selection parse_selection(std::string_view text);

/// The library's models, then the program's own, which belong to every selection but a list that
/// does not name them; in this order whatever the list's. Throws UsageError for a name that is
/// none, std::invalid_argument for a model of one's own that has no name or another's.
[[nodiscard]] std::vector<ExecutionModel> select_models(const Selection& selection,
                                                        std::span<const ExecutionModel> own);

/// Names of workloads, in the library's order. Throws UsageError for a name that is none.
/// `option` is what that says was wrong.
[[nodiscard]] std::vector<std::string_view> select_workloads(
    const Selection& selection, const std::string& option = "--workloads");

}  // namespace concurrency_models::bench
