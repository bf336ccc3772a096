#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "concurrency_models/url.h"

namespace concurrency_models {

/// A TCP endpoint: an IPv4 or IPv6 address and a port.
///
/// A plain value, so that it may lie in memory shared between processes. Looking a name up is a
/// thing of its own (resolve), done before anything is measured: resolvers block, keep caches and
/// start threads.
struct Endpoint {
  std::array<std::uint8_t, 16> address{};  ///< network order; IPv4 uses the first four bytes
  bool v6 = false;
  std::uint32_t scope_id = 0;  ///< IPv6 zone; 0 for none
  std::uint16_t port = 0;      ///< host order

  /// "127.0.0.1:443" or "[::1]:443".
  [[nodiscard]] std::string text() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// 127.0.0.1 at `port`.
[[nodiscard]] Endpoint loopback(std::uint16_t port);

/// The address the system's resolver puts first for the URL's host, with the URL's port. Blocks for
/// as long as the resolver does. Throws std::runtime_error that names the host and the reason.
[[nodiscard]] Endpoint resolve(const Url& url);

}  // namespace concurrency_models
