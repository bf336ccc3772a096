#include "support/test_stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "socket_address.h"

namespace concurrency_models {
namespace {

constexpr std::size_t read_size = std::size_t{64} << 10;

#if defined(MSG_NOSIGNAL)
constexpr int send_flags = MSG_NOSIGNAL;
#else
constexpr int send_flags = 0;
#endif

}  // namespace

TestStream::TestStream(FileDescriptor socket, int stop) : socket_(std::move(socket)), stop_(stop) {
  set_non_blocking(socket_.get());
  // What was sent has left when send returns, even if a reset follows.
  const int one = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

TestStream TestStream::connect_to(const Endpoint& endpoint) {
  FileDescriptor socket(::socket(endpoint.v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0));
  const SocketAddress address = to_socket_address(endpoint);
  if (socket.get() < 0 || ::connect(socket.get(), address.get(), address.size) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect to " + endpoint.text());
  }
  return TestStream(std::move(socket));
}

void TestStream::wait(short events) {
  std::array<pollfd, 2> wanted = {{{.fd = socket_.get(), .events = events, .revents = 0},
                                   {.fd = stop_, .events = POLLIN, .revents = 0}}};
  constexpr auto limit = std::chrono::milliseconds(watchdog);
  const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(limit.count()));
  if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  if (ready == 0) throw std::runtime_error("nothing happened on a connection");
  if (wanted[1].revents != 0) throw Stopped();
}

/// Waits for what OpenSSL wants; false if it has given up.
bool TestStream::retry_tls(int result) {
  switch (::SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      wait(POLLIN);
      return true;
    case SSL_ERROR_WANT_WRITE:
      wait(POLLOUT);
      return true;
    default:
      return false;
  }
}

bool TestStream::start_tls(TestSsl ssl) {
  ssl_ = std::move(ssl);
  ::SSL_set_fd(ssl_.get(), socket_.get());
  while (true) {
    ::ERR_clear_error();
    const int result = ::SSL_do_handshake(ssl_.get());
    if (result == 1) return true;
    if (retry_tls(result)) continue;
    const char* const reason = ::ERR_reason_error_string(::ERR_get_error());
    tls_error_ = reason != nullptr ? reason : "the connection ended";
    return false;
  }
}

bool TestStream::send(std::string_view data) {
  while (!data.empty()) {
    if (ssl_) {
      ::ERR_clear_error();
      std::size_t sent = 0;
      const int result = ::SSL_write_ex(ssl_.get(), data.data(), data.size(), &sent);
      if (result == 1) {
        data.remove_prefix(sent);
      } else if (!retry_tls(result)) {
        return false;
      }
      continue;
    }
    const ssize_t sent = ::send(socket_.get(), data.data(), data.size(), send_flags);
    if (sent >= 0) {
      data.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait(POLLOUT);
    } else {
      return false;
    }
  }
  return true;
}

std::string TestStream::read_some() {
  if (!unread_.empty()) return std::exchange(unread_, {});
  std::string data(read_size, '\0');
  while (true) {
    if (ssl_) {
      ::ERR_clear_error();
      std::size_t got = 0;
      const int result = ::SSL_read_ex(ssl_.get(), data.data(), data.size(), &got);
      if (result == 1) return data.substr(0, got);
      if (!retry_tls(result)) return {};
      continue;
    }
    const ssize_t got = ::recv(socket_.get(), data.data(), data.size(), 0);
    if (got >= 0) return data.substr(0, static_cast<std::size_t>(got));
    if (errno != EAGAIN && errno != EWOULDBLOCK) return {};
    wait(POLLIN);
  }
}

std::string TestStream::read_until(std::string_view mark) {
  std::string text;
  while (true) {
    const std::string part = read_some();
    text += part;
    if (const auto found = text.find(mark); found != std::string::npos) {
      unread_ = text.substr(found + mark.size());
      text.resize(found + mark.size());
      return text;
    }
    if (part.empty()) return text;
  }
}

std::string TestStream::read_exactly(std::size_t size) {
  std::string text;
  while (text.size() < size) {
    const std::string part = read_some();
    if (part.empty()) throw std::runtime_error("a stream ended early");
    text += part;
  }
  unread_ = text.substr(size);
  text.resize(size);
  return text;
}

std::string TestStream::read_to_end() {
  std::string text;
  for (std::string part = read_some(); !part.empty(); part = read_some()) text += part;
  return text;
}

void TestStream::wait_for_end() {
  while (!read_some().empty()) {
  }
}

bool TestStream::readable_within(std::chrono::milliseconds time) const {
  pollfd wanted{.fd = socket_.get(), .events = POLLIN, .revents = 0};
  return !unread_.empty() || ::poll(&wanted, 1, static_cast<int>(time.count())) > 0;
}

void TestStream::send_close_notify() {
  ::ERR_clear_error();
  ::SSL_shutdown(ssl_.get());
}

void TestStream::end_sending() { ::shutdown(socket_.get(), SHUT_WR); }

void TestStream::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.close();
}

}  // namespace concurrency_models
