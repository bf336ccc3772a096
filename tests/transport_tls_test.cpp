// What a transport's TLS puts on the wire, and when.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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
    socket_ = FileDescriptor(::accept(listener.get(), nullptr, nullptr));
    ASSERT_EQ(::fcntl(socket_.get(), F_SETFL, O_NONBLOCK), 0);
    const int one = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    server_.reset(::SSL_new(server_tls_.get()));
    ::SSL_set_fd(server_.get(), socket_.get());
    ::SSL_set_accept_state(server_.get());
    begin_tls();
  }

  /// With the client's settings as they are now.
  void begin_tls() {
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

  /// That its kernel has received and it has not read.
  static int bytes_for(int fd) {
    int bytes = 0;
    ::ioctl(fd, FIONREAD, &bytes);
    return bytes;
  }
  [[nodiscard]] int bytes_for_server() const { return bytes_for(socket_.get()); }

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
  EXPECT_EQ(read_at_server(5), "hello");
}

TEST_F(TransportTlsTest, SendsTheHandshakesEndBeforeItWaitsForAnAnswer) {
  ASSERT_FALSE(shake_hands().error);
  std::string buffer(1, '\0');
  EXPECT_EQ(client_.read(buffer).need, Need::readable);
  EXPECT_TRUE(becomes(POLLIN, socket_.get()));
}

TEST_F(TransportTlsTest, SaysGoodbyeEvenIfThereIsNothingElseToSay) {
  ASSERT_FALSE(shake_hands().error);
  client_.send_close_notify();
  ASSERT_TRUE(becomes(POLLIN, socket_.get()));
  std::string buffer(1, '\0');
  const int end = ::SSL_read(server_.get(), buffer.data(), 1);
  EXPECT_EQ(::SSL_get_error(server_.get(), end), SSL_ERROR_ZERO_RETURN);
}

TEST_F(TransportTlsTest, KnowsWhatOpenSslReadAhead) {
  ::SSL_set_num_tickets(server_.get(), 0);  // which would be unread, too
  ::SSL_CTX_set_read_ahead(client_tls_.get(), 1);
  begin_tls();
  ASSERT_FALSE(shake_hands().error);
  ASSERT_EQ(client_.write(std::string("x")).bytes, 1U);
  EXPECT_EQ(read_at_server(1), "x");
  EXPECT_FALSE(client_.has_unread());
  ::SSL_write(server_.get(), "one", 3);
  ::SSL_write(server_.get(), "two", 3);
  std::string buffer(8, '\0');
  ASSERT_TRUE(becomes(POLLIN, client_.fd()));
  EXPECT_EQ(client_.read(buffer).bytes, 3U);
  EXPECT_EQ(bytes_for(client_.fd()), 0) << "not read ahead: no test of this";
  EXPECT_TRUE(client_.has_unread());
  EXPECT_EQ(client_.read(buffer).bytes, 3U);
  EXPECT_FALSE(client_.has_unread());
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
    ASSERT_TRUE(becomes(POLLIN, socket_.get())) << "what is left was lost";
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

TEST_F(TransportTlsTest, WritesNothingToWhatWasReset) {
  ASSERT_FALSE(shake_hands().error);
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.close();
  ASSERT_TRUE(becomes(POLLIN, client_.fd()));
  const Step step = client_.write(std::string("hello"));
  EXPECT_TRUE(step.error);
  EXPECT_EQ(step.bytes, 0U) << "that would be taken for a request that was sent";
}

TEST_F(TransportTlsTest, TellsTheServerWhyItRefuses) {
  client_tls_ = verifying_client(TestAuthority("another authority").pem());
  begin_tls();
  ASSERT_TRUE(shake_hands().error);
  ::ERR_clear_error();
  ASSERT_TRUE(becomes(POLLIN, socket_.get()));
  EXPECT_LT(::SSL_accept(server_.get()), 1);
  EXPECT_EQ(ERR_GET_REASON(::ERR_peek_error()), SSL_R_TLSV1_ALERT_UNKNOWN_CA);
}

}  // namespace
}  // namespace concurrency_models
