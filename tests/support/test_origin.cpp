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

OriginProcess& test_origin_with_tickets() {
  static OriginProcess origin({.program = CONCURRENCY_MODELS_ORIGIN,
                               .affinity = {},
                               .host_names = {},
                               .session_tickets = true});
  return origin;
}

HttpClient test_client() { return HttpClient({.ca_pem = test_origin().ca_pem()}); }

std::vector<Fetch> test_sites(double latency_scale, bool secure) {
  const std::uint16_t port = secure ? test_origin().https_port() : test_origin().http_port();
  return origin_fetches(secure, loopback(port), latency_scale);
}

std::vector<Workload> test_workloads(double latency_scale) {
  const std::vector<Fetch> sites = test_sites(latency_scale);
  const FibonacciRange range{.low = 5, .high = 11, .repeat = 3};
  std::vector<Workload> workloads = standard_workloads(sites, default_fetches, range);
  workloads.push_back(disk_workload(test_files().reads()));
  workloads.push_back(convoy_workload(sites, range));
  return workloads;
}

const DiskFiles& test_files() {
  // Some parts of a read and one that is not whole.
  static const DiskFiles files({.directory = {}, .count = 8, .bytes = 150'000});
  return files;
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
