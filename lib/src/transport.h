#pragma once

#include <openssl/ssl.h>

#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "concurrency_models/endpoint.h"
#include "concurrency_models/pending_fetch.h"

namespace concurrency_models {

/// How far a step got: it wants to be tried again after a wait, or it failed, or it is through.
struct Step {
  Need need = Need::nothing;
  boost::system::error_code error{};
  std::size_t bytes = 0;  ///< moved; 0 from a read that is through: the peer ended the stream
};

struct FreeSsl {
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};
using SslPointer = std::unique_ptr<SSL, FreeSsl>;

/// A non-blocking TCP connection, with TLS if it was given an SSL object.
///
/// Every operation does what it can at once and says what it needs otherwise: waiting is its
/// caller's business, and the only thing in which blocking and awaitable code differ. OpenSSL sits
/// directly on the socket; boost::asio::ssl::stream would need an event loop even for blocking
/// calls and 34 KB more of buffers for each connection.
///
/// What ends a client's handshake is sent along with the first data behind it, or before anything
/// is waited for; a client that leaves it at a handshake never sends it.
///
/// Raises no SIGPIPE. One thread at a time.
class Transport {
 public:
  Transport() = default;
  /// Takes over a connected socket.
  explicit Transport(int fd);
  ~Transport();
  // OpenSSL is given the object's address, so it stays where it is.
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  Transport(Transport&&) = delete;
  Transport& operator=(Transport&&) = delete;

  /// Starts connecting to `endpoint`; finish_connect tells what came of it.
  [[nodiscard]] Step connect(const Endpoint& endpoint);
  [[nodiscard]] Step finish_connect();

  /// From here on speaks TLS through `ssl`, which has been told whether to connect or accept.
  [[nodiscard]] boost::system::error_code use_tls(SslPointer ssl);
  [[nodiscard]] Step handshake();
  [[nodiscard]] SSL* tls() const { return ssl_.get(); }

  [[nodiscard]] Step read(std::span<char> buffer);
  /// Step::bytes were taken and must not be written again, whatever it needs besides.
  [[nodiscard]] Step write(std::span<const char> data);

  /// Tells the peer, if TLS is up, that nothing more will come. Does not wait for its answer.
  void send_close_notify();

  /// Whether something has come that nobody has read yet, which may be TLS's own affair, or the end
  /// of the connection. Does not wait.
  [[nodiscard]] bool has_unread() const;

  [[nodiscard]] int fd() const { return fd_; }
  /// The caller closes the socket from now on, once nothing more is to be read or written.
  void release() { owns_fd_ = false; }
  /// The caller gives the socket back, open.
  void take_back() { owns_fd_ = true; }
  [[nodiscard]] bool owns_socket() const { return owns_fd_; }

 private:
  struct SocketBio;  ///< what OpenSSL reads from and writes to

  [[nodiscard]] Step tls_step(int result);
  [[nodiscard]] Step tls_handshake();
  [[nodiscard]] Step tls_read(std::span<char> buffer);
  [[nodiscard]] Step tls_write(std::span<const char> data);
  /// Sends what is held back and was not sent yet.
  [[nodiscard]] Step send_held_back();
  /// Adds to it, and sends it all unless it is to be held back. False, with errno: cannot.
  [[nodiscard]] bool write_behind(std::string_view record) noexcept;
  void close();

  int fd_ = -1;
  bool owns_fd_ = true;
  bool handshake_done_ = false;
  bool holds_back_ = false;  ///< whether what OpenSSL writes is held back
  std::string held_back_;
  SslPointer ssl_;
};

/// Blocks the thread in poll(2) until the socket is ready or the time is over (false).
[[nodiscard]] bool wait_until_ready(int fd, Need need,
                                    std::chrono::steady_clock::time_point deadline);

}  // namespace concurrency_models
