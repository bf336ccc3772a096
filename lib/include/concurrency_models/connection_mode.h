#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace concurrency_models {

/// What a client's fetches have from those before them.
enum class ConnectionMode {
  fresh,      ///< nothing: a TCP connection and a full TLS handshake each
  resumed,    ///< a TLS session: a TCP connection each, and a handshake without certificates
  keepalive,  ///< a connection
};

/// Names of all, in their order.
inline constexpr std::array<std::string_view, 3> connection_mode_names = {"fresh", "resumed",
                                                                          "keepalive"};

[[nodiscard]] constexpr std::string_view name(ConnectionMode mode) {
  return connection_mode_names[static_cast<std::size_t>(mode)];
}

}  // namespace concurrency_models
