#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "server_stream.h"

namespace concurrency_models::origin {

[[nodiscard]] bool is_faulty_answer(std::string_view name);

/// Answers a request for `bytes` of the pattern, at least min_faulty_bytes of them, as the faulty
/// answer `name` would. Nothing may be sent after it.
[[nodiscard]] boost::asio::awaitable<void> give_faulty_answer(ServerStream& stream,
                                                              std::string name,
                                                              std::uint64_t bytes);

}  // namespace concurrency_models::origin
