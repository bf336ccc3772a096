// The TLS of a transport: OpenSSL on its socket, and what it writes held back where that saves a
// packet.
#include <openssl/err.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <new>

#include "concurrency_models/job_error.h"
#include "platform/platform.h"
#include "system_error.h"
#include "transport.h"

namespace concurrency_models {
namespace {

using boost::system::error_code;

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

/// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE; a library must not change
/// what the whole process does with signals, so this one sends without it. It also holds back what
/// need not be sent by itself.
struct Transport::SocketBio {
  static Transport& transport_of(BIO* bio) { return *static_cast<Transport*>(::BIO_get_data(bio)); }

  static int read(BIO* bio, char* buffer, int size) {
    ::BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(transport_of(bio).fd_, buffer, static_cast<std::size_t>(size), 0);
    if (got < 0 && would_block()) ::BIO_set_retry_read(bio);
    return static_cast<int>(got);
  }

  static int write(BIO* bio, const char* data, int size) {
    ::BIO_clear_retry_flags(bio);
    Transport& transport = transport_of(bio);
    const std::string_view record(data, static_cast<std::size_t>(size));
    if (transport.holds_back_ || !transport.held_back_.empty()) {
      return transport.write_behind(record) ? size : -1;
    }
    const ssize_t sent = platform::send(transport.fd_, record.data(), record.size());
    if (sent < 0 && would_block()) ::BIO_set_retry_write(bio);
    return static_cast<int>(sent);
  }

  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static int create(BIO* bio) {
    ::BIO_set_init(bio, 1);
    return 1;
  }

  static BIO_METHOD* make_method() {
    BIO_METHOD* const made =
        ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    if (made == nullptr) return nullptr;
    ::BIO_meth_set_read(made, read);
    ::BIO_meth_set_write(made, write);
    ::BIO_meth_set_ctrl(made, control);
    ::BIO_meth_set_create(made, create);
    return made;
  }

  /// Made once, by whichever thread needs it first. Null if there is no memory for it.
  static const BIO_METHOD* method() {
    static std::atomic<const BIO_METHOD*> kept = nullptr;
    const BIO_METHOD* method = kept;
    if (method != nullptr) return method;
    BIO_METHOD* const made = make_method();
    if (made == nullptr || kept.compare_exchange_strong(method, made)) return made;
    ::BIO_meth_free(made);
    return method;
  }
};

error_code Transport::use_tls(SslPointer ssl) {
  if (!ssl) return tls_error();
  const BIO_METHOD* const method = SocketBio::method();
  BIO* const bio = method == nullptr ? nullptr : ::BIO_new(method);
  if (bio == nullptr) return tls_error();
  ::BIO_set_data(bio, this);
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

Step Transport::send_held_back() {
  std::string_view left = held_back_;
  Step step;
  while (!left.empty()) {
    const ssize_t sent = platform::send(fd_, left.data(), left.size());
    if (sent < 0) {
      step = would_block() ? Step{.need = Need::writable} : Step{.error = last_system_error()};
      break;
    }
    left.remove_prefix(static_cast<std::size_t>(sent));
  }
  if (left.empty()) {
    std::string().swap(held_back_);  // ten thousand idle ones would be megabytes
  } else {
    held_back_.erase(0, held_back_.size() - left.size());
  }
  return step;
}

bool Transport::write_behind(std::string_view record) noexcept {
  try {
    held_back_ += record;
    if (holds_back_) return true;
    const Step sent = send_held_back();
    errno = sent.error.value();
    return !sent.error;
  } catch (const std::bad_alloc&) {
    errno = ENOMEM;
    return false;
  }
}

Step Transport::handshake() {
  Step step = send_held_back();
  if (step.error || step.need != Need::nothing) return step;
  holds_back_ = true;
  step = tls_handshake();
  // A client has the first word after the handshake, and says it along with the handshake's last.
  if (handshake_done_ && ::SSL_is_server(ssl_.get()) == 0) return step;
  // Behind this is what it waits for now, or the alert that tells the peer why it failed.
  holds_back_ = false;
  const Step sent = send_held_back();
  if (step.error || (!sent.error && sent.need == Need::nothing)) return step;
  return sent;
}

Step Transport::tls_handshake() {
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

Step Transport::tls_read(std::span<char> buffer) {
  holds_back_ = false;
  const Step sent = send_held_back();
  if (sent.error || sent.need != Need::nothing) return sent;
  ::ERR_clear_error();
  errno = 0;
  std::size_t got = 0;
  const int result = ::SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got);
  if (result == 1) return {.bytes = got};
  return tls_step(result);
}

Step Transport::tls_write(std::span<const char> data) {
  if (!holds_back_) {
    const Step sent = send_held_back();
    if (sent.error || sent.need != Need::nothing) return sent;
  }
  ::ERR_clear_error();
  errno = 0;
  std::size_t taken = 0;
  const int result = ::SSL_write_ex(ssl_.get(), data.data(), data.size(), &taken);
  if (result != 1) {
    Step step = tls_step(result);
    if (step.need == Need::nothing && !step.error) step.error = Error::truncated;
    return step;
  }
  // What there is no room for is sent before anything else is done.
  holds_back_ = false;
  const Step sent = send_held_back();
  if (sent.error) return sent;
  return {.need = sent.need, .bytes = taken};
}

void Transport::send_close_notify() {
  if (!ssl_ || !handshake_done_) return;
  holds_back_ = false;
  ::SSL_shutdown(ssl_.get());
  ::ERR_clear_error();
}

}  // namespace concurrency_models
