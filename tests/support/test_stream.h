#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "concurrency_models/endpoint.h"
#include "file_descriptor.h"

namespace concurrency_models {

/// How long a test waits for something that must happen. Only a broken program lets it run out.
inline constexpr std::chrono::seconds watchdog(60);

struct FreeTestSsl {
  void operator()(SSL* ssl) const { ::SSL_free(ssl); }
};
using TestSsl = std::unique_ptr<SSL, FreeTestSsl>;

/// Thrown out of a TestStream whose owner no longer wants it.
struct Stopped : std::runtime_error {
  Stopped() : std::runtime_error("stopped") {}
};

/// Either end of a TCP connection, with TLS if told so, for tests that speak byte by byte.
///
/// Shares no code with the transport it tests. Calls block; when nothing happens for as long as the
/// watchdog they throw std::runtime_error. One thread at a time.
class TestStream {
 public:
  /// Takes over a connected socket. Once descriptor `stop` is readable, calls that would block
  /// throw Stopped; -1 for none.
  explicit TestStream(FileDescriptor socket, int stop = -1);
  /// Throws std::system_error if the connection is refused.
  [[nodiscard]] static TestStream connect_to(const Endpoint& endpoint);

  /// From here on speaks TLS through `ssl`, which has been told whether to connect or accept. False
  /// if the handshake fails; tls_error() then says why.
  [[nodiscard]] bool start_tls(TestSsl ssl);
  [[nodiscard]] SSL* tls() const { return ssl_.get(); }
  [[nodiscard]] const std::string& tls_error() const { return tls_error_; }

  /// False if the peer is gone.
  bool send(std::string_view data);

  /// What there is, but something; empty at the stream's end, however it came about.
  [[nodiscard]] std::string read_some();
  /// Up to and including `mark`, or to the stream's end. What follows is kept for the next read.
  [[nodiscard]] std::string read_until(std::string_view mark);
  [[nodiscard]] std::string read_exactly(std::size_t size);
  [[nodiscard]] std::string read_to_end();
  /// Returns once the peer has ended the connection, whatever it sends until then.
  void wait_for_end();
  /// Returns once the peer has reset the connection. What it sent before is not read.
  void wait_for_reset() { wait(0); }
  /// Whether something comes, the end included, before so much time has passed. Nothing is read.
  [[nodiscard]] bool readable_within(std::chrono::milliseconds time) const;

  /// Says TLS's goodbye.
  void send_close_notify();
  /// Sends TCP's FIN; reading goes on.
  void end_sending();
  /// Sends TCP's RST and is of no more use.
  void reset();

 private:
  void wait(short events);
  [[nodiscard]] bool retry_tls(int result);

  FileDescriptor socket_;
  int stop_;
  TestSsl ssl_;
  std::string tls_error_;
  std::string unread_;
};

}  // namespace concurrency_models
