#include "support/listener.h"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "socket_address.h"

namespace concurrency_models {

FileDescriptor listen_on(const Endpoint& endpoint) {
  FileDescriptor listener(::socket(endpoint.v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0));
  const SocketAddress address = to_socket_address(endpoint);
  if (listener.get() < 0 || ::bind(listener.get(), address.get(), address.size) != 0 ||
      ::listen(listener.get(), SOMAXCONN) != 0) {
    throw std::system_error(errno, std::generic_category(), "listen on " + endpoint.text());
  }
  return listener;
}

Endpoint bound_to(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(listener, generic, &size) != 0) {
    throw std::system_error(errno, std::generic_category(), "getsockname");
  }
  return to_endpoint(*generic);
}

}  // namespace concurrency_models
