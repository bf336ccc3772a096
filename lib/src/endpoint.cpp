#include "concurrency_models/endpoint.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "socket_address.h"

namespace concurrency_models {

std::string Endpoint::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  ::inet_ntop(v6 ? AF_INET6 : AF_INET, address.data(), buffer.data(), buffer.size());
  const std::string ip = buffer.data();
  return (v6 ? '[' + ip + ']' : ip) + ':' + std::to_string(port);
}

Endpoint loopback(std::uint16_t port) {
  Endpoint endpoint;
  endpoint.address = {127, 0, 0, 1};
  endpoint.port = port;
  return endpoint;
}

Endpoint resolve(const Url& url) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(url.port);
  // An address needs no resolver. Of a name's addresses, those of a family that this machine lacks
  // are left out; an address that was asked for must not be.
  hints.ai_flags = AI_NUMERICHOST;
  int status = ::getaddrinfo(url.host.c_str(), port.c_str(), &hints, &found);
  if (status == EAI_NONAME) {
    hints.ai_flags = AI_ADDRCONFIG;
    status = ::getaddrinfo(url.host.c_str(), port.c_str(), &hints, &found);
  }
  if (status != 0) {
    const std::string reason = status == EAI_SYSTEM ? std::generic_category().message(errno)
                                                    : std::string(::gai_strerror(status));
    throw std::runtime_error("cannot resolve the name " + url.host + ": " + reason);
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  return to_endpoint(*addresses->ai_addr);
}

}  // namespace concurrency_models
