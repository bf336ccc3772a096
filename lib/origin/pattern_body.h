#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "server_stream.h"

namespace concurrency_models::origin {

/// Sends what stands from `offset` to `end` in the origin's pattern. False if the peer is gone.
[[nodiscard]] boost::asio::awaitable<bool> write_pattern(ServerStream& stream, std::uint64_t offset,
                                                         std::uint64_t end);

}  // namespace concurrency_models::origin
