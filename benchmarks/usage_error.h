#pragma once

#include <stdexcept>

namespace concurrency_models::bench {

/// Something the user asked for that cannot be done. The text names it, says what is wrong and what
/// is accepted; the program ends with status 2 before anything is measured.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace concurrency_models::bench
