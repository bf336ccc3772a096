#include "transport.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>

#include "platform/platform.h"
#include "socket_address.h"
#include "system_error.h"

namespace concurrency_models {
namespace {

using boost::system::error_code;

/// Non-blocking, closed on exec, without Nagle's delay, without SIGPIPE.
error_code prepare_socket(int fd) {
  const int one = 1;
  if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 ||
      ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK) != 0 ||
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
      !platform::prepare_to_send(fd)) {
    return last_system_error();
  }
  return {};
}

}  // namespace

Transport::Transport(int fd) : fd_(fd) {}

Transport::~Transport() { close(); }

void Transport::close() {
  ssl_.reset();
  if (fd_ >= 0 && owns_fd_) ::close(fd_);
  fd_ = -1;
}

Step Transport::connect(const Endpoint& endpoint) {
  fd_ = ::socket(endpoint.v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
  if (fd_ < 0) return {.error = last_system_error()};
  if (const error_code error = prepare_socket(fd_)) return {.error = error};
  const SocketAddress address = to_socket_address(endpoint);
  if (::connect(fd_, address.get(), address.size) == 0) return {};
  if (errno == EINPROGRESS || errno == EINTR) return {.need = Need::writable};
  return {.error = last_system_error()};
}

Step Transport::finish_connect() {
  int status = 0;
  socklen_t size = sizeof status;
  if (::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &status, &size) != 0) status = errno;
  if (status != 0) return {.error = {status, boost::system::system_category()}};
  return {};
}

Step Transport::read(std::span<char> buffer) {
  if (ssl_) return tls_read(buffer);
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got >= 0) return {.bytes = static_cast<std::size_t>(got)};
  if (would_block()) return {.need = Need::readable};
  return {.error = last_system_error()};
}

Step Transport::write(std::span<const char> data) {
  if (ssl_) return tls_write(data);
  const ssize_t sent = platform::send(fd_, data.data(), data.size());
  if (sent >= 0) return {.bytes = static_cast<std::size_t>(sent)};
  if (would_block()) return {.need = Need::writable};
  return {.error = last_system_error()};
}

bool Transport::has_unread() const {
  if (ssl_ && ::SSL_has_pending(ssl_.get()) != 0) return true;  // read ahead
  char byte = 0;
  return ::recv(fd_, &byte, 1, MSG_PEEK) >= 0 || !would_block();
}

bool wait_until_ready(int fd, Need need, std::chrono::steady_clock::time_point deadline) {
  pollfd wanted{.fd = fd,
                .events = static_cast<short>(need == Need::readable ? POLLIN : POLLOUT),
                .revents = 0};
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
            .count();
    if (left <= 0) return false;
    const int timeout =
        static_cast<int>(std::min<std::int64_t>(left, std::numeric_limits<int>::max()));
    const int ready = ::poll(&wanted, 1, timeout);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // the next operation tells what is wrong
  }
}

}  // namespace concurrency_models
