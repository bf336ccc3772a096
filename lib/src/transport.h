#pragma once

#include <openssl/ssl.h>

#include <boost/system/error_code.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>

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
/// Raises no SIGPIPE. One thread at a time.
class Transport {
 public:
  Transport() = default;
  /// Takes over a connected socket.
  explicit Transport(int fd);
  ~Transport();
  // OpenSSL is given the address of fd_, so an object stays where it is.
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
  [[nodiscard]] Step write(std::span<const char> data);

  /// Tells the peer, if TLS is up, that nothing more will come. Does not wait for its answer.
  void send_close_notify();

  /// Still connected, and nothing has come that was not asked for. Does not wait.
  [[nodiscard]] bool is_idle() const;

  [[nodiscard]] int fd() const { return fd_; }
  /// The caller closes the socket from now on, once nothing more is to be read or written.
  void release() { owns_fd_ = false; }
  /// The caller gives the socket back, open.
  void take_back() { owns_fd_ = true; }
  [[nodiscard]] bool owns_socket() const { return owns_fd_; }

 private:
  [[nodiscard]] Step tls_step(int result);
  void close();

  int fd_ = -1;
  bool owns_fd_ = true;
  bool handshake_done_ = false;
  SslPointer ssl_;
};

/// Blocks the thread in poll(2) until the socket is ready or the time is over (false).
[[nodiscard]] bool wait_until_ready(int fd, Need need,
                                    std::chrono::steady_clock::time_point deadline);

}  // namespace concurrency_models
