#include "support/own_network.h"

#if defined(__linux__)
#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

#include "file_descriptor.h"
#endif

namespace concurrency_models {

#if defined(__linux__)
bool enter_own_network(const std::string& address) {
  if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  const FileDescriptor socket(::socket(AF_INET, SOCK_DGRAM, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return false;
  sockaddr_in own{};
  own.sin_family = AF_INET;
  if (::inet_pton(AF_INET, address.c_str(), &own.sin_addr) != 1) return false;
  std::memcpy(&request.ifr_addr, &own, sizeof own);
  return ::ioctl(socket.get(), SIOCSIFADDR, &request) == 0;
}
#else
bool enter_own_network(const std::string& /*address*/) { return false; }
#endif

}  // namespace concurrency_models
