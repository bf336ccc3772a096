#pragma once

#include <functional>

namespace concurrency_models {

/// Calls `body` in a forked child, for what would spoil the test's own process, and returns the
/// child's wait status; what `body` returns is its exit status. GoogleTest's assertions are of no
/// use in there.
[[nodiscard]] int in_child(const std::function<int()>& body);

}  // namespace concurrency_models
