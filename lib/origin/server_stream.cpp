#include "server_stream.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "concurrency_models/job_error.h"

namespace concurrency_models::origin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto awaited = asio::as_tuple(asio::use_awaitable);

void reset_socket(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::socket::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace

ServerStream::ServerStream(tcp::socket socket, const Limits& limits)
    : socket_(std::make_shared<tcp::socket>(std::move(socket))),
      transport_(socket_->native_handle()),
      timer_(socket_->get_executor()),
      limits_(limits) {
  transport_.release();
}

bool ServerStream::prepare() {
  error_code error;
  socket_->native_non_blocking(true, error);
  if (!error) socket_->set_option(tcp::no_delay(true), error);
  return !error;
}

asio::awaitable<bool> ServerStream::handshake(SslPointer ssl) {
  if (!ssl) co_return false;
  ::SSL_set_accept_state(ssl.get());
  if (transport_.use_tls(std::move(ssl))) co_return false;
  const Step step = co_await finish([this] { return transport_.handshake(); });
  co_return !step.error;
}

void ServerStream::limit_time(Clock::duration time) {
  timer_.expires_at(std::min(Clock::now() + time, answer_ends_));
  timer_.async_wait([weak = std::weak_ptr(socket_)](error_code cancelled) {
    const auto socket = weak.lock();
    if (!cancelled && socket) reset_socket(*socket);
  });
}

asio::awaitable<std::size_t> ServerStream::read(std::span<char> buffer) {
  const Step step = co_await finish([&] { return transport_.read(buffer); });
  co_return step.error ? 0 : step.bytes;
}

asio::awaitable<bool> ServerStream::write(std::string_view data) {
  restart_patience();
  while (!data.empty()) {
    const auto part = data.substr(0, write_size);
    const Step step = co_await finish([&] { return transport_.write(part); });
    if (step.error) co_return false;
    data.remove_prefix(step.bytes);
    if (data.empty()) break;
    restart_patience();
  }
  co_return true;
}

asio::awaitable<bool> ServerStream::write_raw(std::string_view data) {
  restart_patience();
  const auto [error, sent] = co_await asio::async_write(*socket_, asio::buffer(data), awaited);
  co_return !error && sent == data.size();
}

asio::awaitable<void> ServerStream::end() {
  SSL* const ssl = tls();
  static_cast<void>(co_await finish([ssl]() -> Step {
    ::ERR_clear_error();
    const int result = ssl == nullptr ? 0 : ::SSL_shutdown(ssl);
    if (result >= 0) return {};
    const bool later = ::SSL_get_error(ssl, result) == SSL_ERROR_WANT_WRITE;
    if (later) return {.need = Need::writable};
    return {.error = Error::truncated};
  }));
  co_await close();
}

asio::awaitable<void> ServerStream::close() {
  error_code ignored;
  socket_->shutdown(tcp::socket::shutdown_send, ignored);
  co_await wait_for_peer_to_leave();
}

asio::awaitable<void> ServerStream::wait_for_peer_to_leave() {
  limit_time(limits_.answer_timeout);
  std::array<char, 4096> lost{};
  while (true) {
    const auto [error, size] = co_await socket_->async_read_some(asio::buffer(lost), awaited);
    if (error) break;
  }
  rest_patience();
}

void ServerStream::reset() { reset_socket(*socket_); }

}  // namespace concurrency_models::origin
