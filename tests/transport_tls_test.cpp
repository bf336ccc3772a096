// What a transport's TLS puts on the wire, and when.
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <string>

#include "concurrency_models/endpoint.h"
#include "file_descriptor.h"
#include "support/listener.h"
#include "support/test_certificates.h"
#include "support/test_stream.h"
#include "transport.h"

namespace concurrency_models {
namespace {

/// A client's transport and a server of OpenSSL alone, which take turns.
class TransportTlsTest : public testing::Test {
 protected:
  void SetUp() override {
    const FileDescriptor listener = listen_on(loopback(0));
    ASSERT_FALSE(client_.connect(bound_to(listener.get())).error);
    ASSERT_TRUE(becomes(POLLOUT, client_.fd()));
    ASSERT_FALSE(client_.finish_connect().error);
    socket_ = FileDescriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK));
    server_.reset(::SSL_new(server_tls_.get()));
    ::SSL_set_fd(server_.get(), socket_.get());
    ::SSL_set_accept_state(server_.get());
    SslPointer ssl(::SSL_new(client_tls_.get()));
    ::SSL_set_connect_state(ssl.get());
    ASSERT_FALSE(client_.use_tls(std::move(ssl)));
  }

  static bool becomes(short event, int fd) {
    pollfd wanted{.fd = fd, .events = event, .revents = 0};
    return ::poll(&wanted, 1, static_cast<int>(std::chrono::milliseconds(watchdog).count())) == 1;
  }

  /// Until the client is through, or fails.
  Step shake_hands() {
    while (true) {
      const Step step = client_.handshake();
      if (step.error || step.need == Need::nothing) return step;
      if (!becomes(POLLIN, socket_.get())) return step;
      ::SSL_accept(server_.get());
      if (!becomes(POLLIN, client_.fd())) return step;
    }
  }

  [[nodiscard]] int bytes_for_server() const {
    int bytes = 0;
    ::ioctl(socket_.get(), FIONREAD, &bytes);
    return bytes;
  }

  /// So much of what the client sends, as the server understands it.
  std::string read_at_server(std::size_t size) {
    std::string text;
    while (text.size() < size) {
      std::string part(size - text.size(), '\0');
      const int got = ::SSL_read(server_.get(), part.data(), static_cast<int>(part.size()));
      if (got > 0) {
        text += part.substr(0, static_cast<std::size_t>(got));
      } else if (::SSL_get_error(server_.get(), got) != SSL_ERROR_WANT_READ ||
                 !becomes(POLLIN, socket_.get())) {
        ADD_FAILURE() << "the server cannot read";
        break;
      }
    }
    return text;
  }

  TestAuthority authority_{"an authority"};
  TestContext server_tls_ = authority_.server({.names = "DNS:one.test"});
  TestContext client_tls_ = verifying_client(authority_.pem());
  FileDescriptor socket_;
  TestSsl server_;
  Transport client_;
};

TEST_F(TransportTlsTest, SendsTheHandshakesEndWithTheFirstData) {
  ASSERT_FALSE(shake_hands().error);
  EXPECT_EQ(bytes_for_server(), 0) << "the server has been told already";
  EXPECT_EQ(client_.write(std::string("hello")).bytes, 5U);
  EXPECT_GT(bytes_for_server(), 0);
  EXPECT_EQ(read_at_server(5), "hello");
}

TEST_F(TransportTlsTest, SendsTheHandshakesEndBeforeItWaitsForAnAnswer) {
  ASSERT_FALSE(shake_hands().error);
  std::string buffer(1, '\0');
  EXPECT_EQ(client_.read(buffer).need, Need::readable);
  EXPECT_GT(bytes_for_server(), 0);
}

TEST_F(TransportTlsTest, SaysGoodbyeEvenIfThereIsNothingElseToSay) {
  ASSERT_FALSE(shake_hands().error);
  client_.send_close_notify();
  std::string buffer(1, '\0');
  const int end = ::SSL_read(server_.get(), buffer.data(), 1);
  EXPECT_EQ(::SSL_get_error(server_.get(), end), SSL_ERROR_ZERO_RETURN);
}

TEST_F(TransportTlsTest, LosesNothingWhenThereIsNoRoomForAllOfIt) {
  ASSERT_FALSE(shake_hands().error);
  const std::string data(std::size_t{32} << 20, 'x');  // more than two sockets' buffers take
  ASSERT_EQ(client_.write(data).bytes, data.size());
  EXPECT_EQ(client_.write(data).need, Need::writable) << "there is no end of what it takes";
  std::string buffer(1, '\0');
  ASSERT_EQ(client_.read(buffer).need, Need::writable) << "all of it was sent: no test of this";
  std::string received;
  while (received.size() < data.size()) {
    const Step step = client_.read(buffer);
    ASSERT_FALSE(step.error) << step.error.message();
    std::string part(std::size_t{16} << 10, '\0');
    const int got = ::SSL_read(server_.get(), part.data(), static_cast<int>(part.size()));
    if (got > 0) {
      received += part.substr(0, static_cast<std::size_t>(got));
    } else {
      ASSERT_EQ(::SSL_get_error(server_.get(), got), SSL_ERROR_WANT_READ);
    }
  }
  EXPECT_TRUE(received == data);
}

TEST_F(TransportTlsTest, TellsTheServerWhyItRefuses) {
  client_tls_ = verifying_client(TestAuthority("another authority").pem());
  SslPointer ssl(::SSL_new(client_tls_.get()));
  ::SSL_set_connect_state(ssl.get());
  ASSERT_FALSE(client_.use_tls(std::move(ssl)));
  ASSERT_TRUE(shake_hands().error);
  ::ERR_clear_error();
  EXPECT_LT(::SSL_accept(server_.get()), 1);
  EXPECT_EQ(ERR_GET_REASON(::ERR_peek_error()), SSL_R_TLSV1_ALERT_UNKNOWN_CA);
}

}  // namespace
}  // namespace concurrency_models
