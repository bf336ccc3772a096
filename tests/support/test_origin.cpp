#include "support/test_origin.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace concurrency_models {

OriginProcess& test_origin() {
  static OriginProcess origin(
      {.program = CONCURRENCY_MODELS_ORIGIN, .affinity = {}, .host_names = {}});
  return origin;
}

HttpClient test_client() { return HttpClient({.ca_pem = test_origin().ca_pem()}); }

std::vector<Fetch> test_sites(double latency_scale, bool secure) {
  const std::uint16_t port = secure ? test_origin().https_port() : test_origin().http_port();
  return origin_fetches(secure, loopback(port), latency_scale);
}

std::vector<Workload> test_workloads(double latency_scale) {
  return standard_workloads(test_sites(latency_scale), default_fetches,
                            {.low = 5, .high = 11, .repeat = 3});
}

Fetch refused_fetch() {
  // A port that is bound and not listened on refuses, and nobody else can take it meanwhile.
  static const std::uint16_t port = [] {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(fd, generic, size) != 0 || ::getsockname(fd, generic, &size) != 0) {
      throw std::runtime_error("cannot reserve a port");
    }
    return ntohs(address.sin_port);
  }();
  Fetch fetch = test_sites().front();
  fetch.url.port = port;
  fetch.endpoint = loopback(port);
  return fetch;
}

}  // namespace concurrency_models
