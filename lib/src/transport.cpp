#include "transport.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>

#include "concurrency_models/job_error.h"
#include "platform/platform.h"
#include "socket_address.h"

namespace concurrency_models {
namespace {

using boost::system::error_code;

error_code last_system_error() { return {errno, boost::system::system_category()}; }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

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

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE; a library must not change
// what the whole process does with signals, so this one sends without it.

int socket_of(BIO* bio) { return *static_cast<const int*>(::BIO_get_data(bio)); }

int bio_read(BIO* bio, char* buffer, int size) {
  ::BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(socket_of(bio), buffer, static_cast<std::size_t>(size), 0);
  if (got < 0 && would_block()) ::BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int bio_write(BIO* bio, const char* data, int size) {
  ::BIO_clear_retry_flags(bio);
  const ssize_t sent = platform::send(socket_of(bio), data, static_cast<std::size_t>(size));
  if (sent < 0 && would_block()) ::BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long bio_control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

int bio_create(BIO* bio) {
  ::BIO_set_init(bio, 1);
  return 1;
}

const BIO_METHOD* socket_bio_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* const made =
        ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    if (made == nullptr) return made;
    ::BIO_meth_set_read(made, bio_read);
    ::BIO_meth_set_write(made, bio_write);
    ::BIO_meth_set_ctrl(made, bio_control);
    ::BIO_meth_set_create(made, bio_create);
    return made;
  }();
  return method;
}

/// Whether OpenSSL found no memory. What it makes of that later, and says first or as the result of
/// verifying, may be anything: "EE certificate key too weak", for instance.
bool ran_out_of_memory(unsigned long code) {
  if (ERR_SYSTEM_ERROR(code)) return ERR_GET_REASON(code) == ENOMEM;
  // Some parts of it say that they could not be set up instead, which nothing else keeps them from.
  return ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE || ERR_GET_REASON(code) == ERR_R_INIT_FAIL;
}

const error_code out_of_memory(ENOMEM, boost::system::system_category());

/// Of a call that failed. Empties this thread's queue of errors.
error_code tls_error() {
  const unsigned long code = ::ERR_get_error();
  // There was no memory for the queue itself; as a code, 0 would be taken for success.
  if (code == 0) return out_of_memory;
  for (unsigned long each = code; each != 0; each = ::ERR_get_error()) {
    if (!ran_out_of_memory(each)) continue;
    ::ERR_clear_error();
    return out_of_memory;
  }
  if (ERR_GET_LIB(code) == ERR_LIB_SSL &&
      ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    return Error::truncated;
  }
  return {static_cast<int>(static_cast<unsigned>(code)), tls_category()};
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

error_code Transport::use_tls(SslPointer ssl) {
  if (!ssl) return tls_error();
  BIO* const bio = ::BIO_new(socket_bio_method());
  if (bio == nullptr) return tls_error();
  ::BIO_set_data(bio, &fd_);
  ::SSL_set_bio(ssl.get(), bio, bio);
  ssl_ = std::move(ssl);
  return {};
}

Step Transport::tls_step(int result) {
  const int saved_errno = errno;
  switch (::SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {.need = Need::readable};
    case SSL_ERROR_WANT_WRITE:
      return {.need = Need::writable};
    case SSL_ERROR_ZERO_RETURN:
      return {};
    case SSL_ERROR_SYSCALL:
      if (saved_errno == 0) return {.error = Error::truncated};
      return {.error = {saved_errno, boost::system::system_category()}};
    default:
      return {.error = tls_error()};
  }
}

Step Transport::handshake() {
  ::ERR_clear_error();
  errno = 0;
  const int result = ::SSL_do_handshake(ssl_.get());
  if (result == 1) {
    handshake_done_ = true;
    return {};
  }
  Step step = tls_step(result);
  if (step.error) {
    const long verified = ::SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK && step.error != out_of_memory) {
      step.error = {static_cast<int>(verified), certificate_category()};
    }
  } else if (step.need == Need::nothing) {
    step.error = Error::truncated;  // a close_notify instead of a handshake
  }
  return step;
}

Step Transport::read(std::span<char> buffer) {
  if (ssl_) {
    ::ERR_clear_error();
    errno = 0;
    std::size_t got = 0;
    const int result = ::SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got);
    if (result == 1) return {.bytes = got};
    return tls_step(result);
  }
  const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (got >= 0) return {.bytes = static_cast<std::size_t>(got)};
  if (would_block()) return {.need = Need::readable};
  return {.error = last_system_error()};
}

Step Transport::write(std::span<const char> data) {
  if (ssl_) {
    ::ERR_clear_error();
    errno = 0;
    std::size_t sent = 0;
    const int result = ::SSL_write_ex(ssl_.get(), data.data(), data.size(), &sent);
    if (result == 1) return {.bytes = sent};
    Step step = tls_step(result);
    if (step.need == Need::nothing && !step.error) step.error = Error::truncated;
    return step;
  }
  const ssize_t sent = platform::send(fd_, data.data(), data.size());
  if (sent >= 0) return {.bytes = static_cast<std::size_t>(sent)};
  if (would_block()) return {.need = Need::writable};
  return {.error = last_system_error()};
}

void Transport::send_close_notify() {
  if (!ssl_ || !handshake_done_) return;
  ::SSL_shutdown(ssl_.get());
  ::ERR_clear_error();
}

bool Transport::is_idle() const {
  char byte = 0;
  return ::recv(fd_, &byte, 1, MSG_PEEK) < 0 && would_block();
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
