#pragma once

#include <string_view>

namespace concurrency_models::fuzz {

/// Ends the program with `property` and `about` on standard error unless it `holds`: libFuzzer then
/// keeps the input, and a replay fails.
void require(bool holds, std::string_view property, std::string_view about = {});

/// Requires a message to be something to read: not empty, one line, no control characters.
void require_message(std::string_view message);

/// True if there is a control character or a blank in it, or what is not ASCII: what must not get
/// into a request line or a header.
[[nodiscard]] bool could_end_a_field(std::string_view text);

}  // namespace concurrency_models::fuzz
