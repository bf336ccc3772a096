#pragma once

#include <string_view>

namespace concurrency_models {

/// What a TLS name and a Host header may hold: letters of ASCII, digits, '-', '.' and '_', at most
/// 253 of them (RFC 1035, 2.3.4, as text). True of the empty name.
[[nodiscard]] bool is_host_name(std::string_view text);

}  // namespace concurrency_models
