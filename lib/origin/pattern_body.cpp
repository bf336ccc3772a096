#include "pattern_body.h"

#include <algorithm>
#include <string_view>

#include "concurrency_models/origin_protocol.h"

namespace concurrency_models::origin {

boost::asio::awaitable<bool> write_pattern(ServerStream& stream, std::uint64_t offset,
                                           std::uint64_t end) {
  const std::string_view pattern = origin_pattern();
  while (offset < end) {
    const auto rest = pattern.substr(offset % pattern.size());
    const auto size = std::min<std::uint64_t>(rest.size(), end - offset);
    const auto part = rest.substr(0, size);
    const bool sent = co_await stream.write(part);
    if (!sent) co_return false;
    offset += size;
  }
  co_return true;
}

}  // namespace concurrency_models::origin
