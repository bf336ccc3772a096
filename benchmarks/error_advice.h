#pragma once

#include <exception>
#include <string>

#include "concurrency_models/job_error.h"

namespace concurrency_models::bench {

/// What the user might do about such an error, as a clause to stand after a semicolon: "is the
/// server running?".
[[nodiscard]] std::string advice(const JobError& error);

/// The error's own text and the advice: "connect: Connection refused; is the server running?".
[[nodiscard]] std::string text_with_advice(const JobError& error);

/// What an exception says, and the advice where the system refused something or memory ran out.
[[nodiscard]] std::string text_with_advice(const std::exception& exception);

}  // namespace concurrency_models::bench
