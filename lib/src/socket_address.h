#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "concurrency_models/endpoint.h"

namespace concurrency_models {

/// An Endpoint in the form system calls take.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

[[nodiscard]] SocketAddress to_socket_address(const Endpoint& endpoint);

/// `address` must be of IPv4 or IPv6.
[[nodiscard]] Endpoint to_endpoint(const sockaddr& address);

}  // namespace concurrency_models
