#include "transport.h"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/system/errc.hpp>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "concurrency_models/endpoint.h"
#include "file_descriptor.h"
#include "support/listener.h"
#include "support/test_stream.h"

namespace concurrency_models {
namespace {

bool becomes(short event, int fd) {
  pollfd wanted{.fd = fd, .events = event, .revents = 0};
  return ::poll(&wanted, 1, static_cast<int>(std::chrono::milliseconds(watchdog).count())) == 1;
}

/// A client's transport that is connected to a peer of the test's.
class TransportTest : public testing::Test {
 protected:
  void SetUp() override {
    const FileDescriptor listener = listen_on(loopback(0));
    const Step step = transport_.connect(bound_to(listener.get()));
    ASSERT_FALSE(step.error) << step.error.message();
    ASSERT_TRUE(becomes(POLLOUT, transport_.fd()));
    ASSERT_FALSE(transport_.finish_connect().error);
    peer_.emplace(FileDescriptor(::accept(listener.get(), nullptr, nullptr)));
  }

  Transport transport_;
  std::optional<TestStream> peer_;
};

// It has none even for its queue of errors then, and what is empty says "no error".
TEST(TransportWithoutMemoryTest, HasAnErrorThoughOpenSslTellsNone) {
  Transport transport;
  ::ERR_clear_error();
  EXPECT_EQ(transport.use_tls(nullptr), boost::system::errc::not_enough_memory);
}

TEST(TransportWithoutMemoryTest, BlamesNothingElse) {
  for (const int reason : {ERR_R_MALLOC_FAILURE, ERR_R_INIT_FAIL}) {
    Transport transport;
    ERR_raise(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED);
    ERR_raise(ERR_LIB_EVP, reason);
    ERR_raise(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
    EXPECT_EQ(transport.use_tls(nullptr), boost::system::errc::not_enough_memory) << reason;
    EXPECT_EQ(::ERR_peek_error(), 0U) << "the next call's error would be taken for this one's";
  }
}

TEST_F(TransportTest, NeedsRoomOnceThePeerReadsNoMore) {
  const std::string data(std::size_t{1} << 20, 'x');
  std::size_t sent = 0;
  Step step;
  do {
    step = transport_.write(data);
    ASSERT_FALSE(step.error) << step.error.message();
    sent += step.bytes;
  } while (step.need == Need::nothing);
  EXPECT_EQ(step.need, Need::writable);
  EXPECT_EQ(step.bytes, 0U);
  EXPECT_EQ(peer_->read_exactly(sent).size(), sent);  // nothing was lost, and now there is room
  ASSERT_TRUE(becomes(POLLOUT, transport_.fd()));
  EXPECT_GT(transport_.write(data).bytes, 0U);
}

TEST_F(TransportTest, WritingToWhatWasResetIsAnErrorWithoutASignal) {
  peer_->reset();
  ASSERT_TRUE(becomes(POLLIN, transport_.fd()));
  EXPECT_EQ(transport_.write(std::string("x")).error.value(), ECONNRESET);
  // SIGPIPE would end the program.
  EXPECT_EQ(transport_.write(std::string("x")).error.value(), EPIPE);
}

TEST_F(TransportTest, ReadingFromWhatWasResetIsAnError) {
  peer_->reset();
  ASSERT_TRUE(becomes(POLLIN, transport_.fd()));
  std::string buffer(1, '\0');
  EXPECT_EQ(transport_.read(buffer).error.value(), ECONNRESET);
}

TEST_F(TransportTest, NothingToReadYetAndTheEndAreTwoThings) {
  std::string buffer(8, '\0');
  EXPECT_EQ(transport_.read(buffer).need, Need::readable);
  peer_->end_sending();
  ASSERT_TRUE(becomes(POLLIN, transport_.fd()));
  const Step end = transport_.read(buffer);
  EXPECT_FALSE(end.error);
  EXPECT_EQ(end.need, Need::nothing);
  EXPECT_EQ(end.bytes, 0U);
}

}  // namespace
}  // namespace concurrency_models
