#pragma once

#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "limits.h"
#include "transport.h"

namespace concurrency_models::origin {

/// One accepted connection, with TLS if it was given an SSL object, awaited on the event loop.
///
/// Resets itself when its peer's time is up: what is under way fails then, and what the peer has
/// not taken is gone from the system's buffers as well. On the loop's thread only.
class ServerStream {
 public:
  /// As much as is written at once, in bytes: the largest TLS record's payload.
  static constexpr std::size_t write_size = std::size_t{16} << 10;

  ServerStream(boost::asio::ip::tcp::socket socket, const Limits& limits);

  /// False if the socket cannot be used. Before anything else.
  [[nodiscard]] bool prepare();
  /// Once; the connection speaks TLS through `ssl` from then on. False if there can be no TLS; the
  /// object `ssl` is still there afterwards, for tls().
  [[nodiscard]] boost::asio::awaitable<bool> handshake(SslPointer ssl);
  [[nodiscard]] SSL* tls() const { return transport_.tls(); }

  /// From now on the peer has the request's time-out for what is done next.
  void restart_patience() { limit_time(limits_.request_timeout); }
  /// No limit until the next restart.
  void rest_patience() { timer_.cancel(); }
  /// From now on the peer has the answer's time-out for all that follows, until the next call.
  void begin_answer() { answer_ends_ = Clock::now() + limits_.answer_timeout; }
  void end_answer() { answer_ends_ = Clock::time_point::max(); }

  /// Nothing if the stream ended or failed.
  [[nodiscard]] boost::asio::awaitable<std::size_t> read(std::span<char> buffer);
  /// False if the peer is gone.
  [[nodiscard]] boost::asio::awaitable<bool> write(std::string_view data);
  /// Past TLS, for what is not well-formed there.
  [[nodiscard]] boost::asio::awaitable<bool> write_raw(std::string_view data);

  /// Tells the peer, if TLS is up and there is room for it, that nothing more will come.
  void send_close_notify() { transport_.send_close_notify(); }
  /// The same, whatever it takes, then close().
  [[nodiscard]] boost::asio::awaitable<void> end();
  /// Sends TCP's FIN; what the peer still sends is read and lost, since unread it would make a
  /// reset of the end. Returns when the peer is gone, at the answer's time-out at the latest.
  [[nodiscard]] boost::asio::awaitable<void> close();
  /// Returns when the peer is gone, at the answer's time-out at the latest. What it sends is lost.
  [[nodiscard]] boost::asio::awaitable<void> wait_for_peer_to_leave();
  /// Ends the connection with TCP's RST. Nothing may be done with it afterwards.
  void reset();

  [[nodiscard]] boost::asio::any_io_executor executor() { return socket_->get_executor(); }

 private:
  using Clock = std::chrono::steady_clock;

  void limit_time(Clock::duration time);

  /// Repeats a step whenever the socket is ready for it.
  template <class TakeStep>
  boost::asio::awaitable<Step> finish(TakeStep take_step) {
    while (true) {
      Step step = take_step();
      if (step.error || step.need == Need::nothing) co_return step;
      using Socket = boost::asio::ip::tcp::socket;
      const auto direction = step.need == Need::readable ? Socket::wait_read : Socket::wait_write;
      const auto [error] = co_await socket_->async_wait(
          direction, boost::asio::as_tuple(boost::asio::use_awaitable));
      if (error) co_return Step{.error = error};
    }
  }

  /// Shared with the timer's handler only, which may already be on its way when this object ends.
  std::shared_ptr<boost::asio::ip::tcp::socket> socket_;
  Transport transport_;
  boost::asio::steady_timer timer_;
  Limits limits_;
  Clock::time_point answer_ends_ = Clock::time_point::max();
};

}  // namespace concurrency_models::origin
