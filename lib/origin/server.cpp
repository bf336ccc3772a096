#include "server.h"

#include <time.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "concurrency_models/origin_protocol.h"
#include "message_text.h"
#include "transport.h"

namespace concurrency_models::origin {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t request_limit = 8U << 10;
constexpr std::size_t read_size = 4U << 10;
constexpr std::size_t write_size = std::size_t{16} << 10;  // the largest TLS record's payload
constexpr auto patience = std::chrono::seconds(30);

using Request = http::request<http::empty_body>;

/// What to send: after `delay`, a header, then `text` or `pattern_bytes` of the pattern.
struct Answer {
  http::status status = http::status::ok;
  std::chrono::microseconds delay{0};
  std::string text;
  std::uint64_t pattern_bytes = 0;
};

Answer refusal(http::status status, std::string text) {
  return {.status = status, .delay = {}, .text = std::move(text) + '\n', .pattern_bytes = 0};
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t limit) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > limit) return {};
  return value;
}

std::string cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  std::string nanoseconds = std::to_string(time.tv_nsec);
  nanoseconds.insert(0, 9 - nanoseconds.size(), '0');
  return std::to_string(time.tv_sec) + '.' + nanoseconds + '\n';
}

Answer answer_to(const Request& request) {
  if (request.method() != http::verb::get) {
    return refusal(http::status::method_not_allowed, "only GET is answered here");
  }
  const auto target = request.target();
  if (target == origin_cpu_target)
    return {.status = http::status::ok, .delay = {}, .text = cpu_seconds(), .pattern_bytes = 0};
  const auto url = boost::urls::parse_origin_form(target);
  if (!url) return refusal(http::status::bad_request, "not a path");
  if (url->path() != "/") {
    return refusal(http::status::not_found, "there are /?delay_us=N&bytes=N and /cpu");
  }
  Answer answer;
  for (const auto& parameter : url->params()) {
    if (parameter.key == "delay_us") {
      const auto delay =
          parse_number(parameter.value, static_cast<std::uint64_t>(max_origin_delay.count()));
      if (!delay) return refusal(http::status::bad_request, "delay_us is no such number");
      answer.delay = std::chrono::microseconds(*delay);
    } else if (parameter.key == "bytes") {
      const auto bytes = parse_number(parameter.value, max_origin_bytes);
      if (!bytes) return refusal(http::status::bad_request, "bytes is no such number");
      answer.pattern_bytes = *bytes;
    } else {
      return refusal(http::status::bad_request, "there are only delay_us and bytes");
    }
  }
  return answer;
}

std::string header_text(const Answer& answer, bool keep_alive) {
  http::response<http::empty_body> response(answer.status, 11);
  response.set(http::field::content_type, "text/plain");
  response.content_length(answer.text.size() + answer.pattern_bytes);
  response.keep_alive(keep_alive);
  return message_text(response);
}

/// One accepted connection, for as long as it brings requests.
class Connection {
 public:
  explicit Connection(tcp::socket socket)
      : socket_(std::move(socket)),
        transport_(socket_.native_handle()),
        patience_timer_(socket_.get_executor()) {
    transport_.release();
  }

  asio::awaitable<void> run(SSL_CTX* tls) {
    if (!co_await open(tls)) co_return;
    while (const auto request = co_await read_request()) {
      const Answer answer = answer_to(*request);
      if (answer.delay.count() > 0) {
        patience_timer_.cancel();
        asio::steady_timer delay(socket_.get_executor(), answer.delay);
        co_await delay.async_wait(asio::use_awaitable);
      }
      const bool keep_alive = request->keep_alive();
      if (!co_await write(answer, keep_alive) || !keep_alive) break;
    }
    transport_.send_close_notify();
  }

 private:
  /// From now on the connection has so long for what it does next.
  void restart_patience() {
    patience_timer_.expires_after(patience);
    patience_timer_.async_wait([this](error_code cancelled) {
      if (!cancelled) socket_.close();
    });
  }

  /// Repeats a step whenever the socket is ready for it.
  template <class TakeStep>
  asio::awaitable<Step> finish(TakeStep take_step) {
    while (true) {
      Step step = take_step();
      if (step.error || step.need == Need::nothing) co_return step;
      const auto direction =
          step.need == Need::readable ? tcp::socket::wait_read : tcp::socket::wait_write;
      const auto [error] =
          co_await socket_.async_wait(direction, asio::as_tuple(asio::use_awaitable));
      if (error) co_return Step{.error = error};
    }
  }

  asio::awaitable<bool> open(SSL_CTX* tls) {
    error_code error;
    socket_.native_non_blocking(true, error);
    if (!error) socket_.set_option(tcp::no_delay(true), error);
    if (error) co_return false;
    restart_patience();
    if (tls == nullptr) co_return true;
    SslPointer ssl(::SSL_new(tls));
    if (!ssl) co_return false;
    ::SSL_set_accept_state(ssl.get());
    if (transport_.use_tls(std::move(ssl))) co_return false;
    const Step step = co_await finish([this] { return transport_.handshake(); });
    co_return !step.error;
  }

  asio::awaitable<std::optional<Request>> read_request() {
    restart_patience();
    http::request_parser<http::empty_body> parser;
    parser.header_limit(request_limit);
    parser.body_limit(std::uint64_t{0});
    parser.eager(true);
    while (!parser.is_done()) {
      if (buffer_.size() > 0) {
        error_code error;
        buffer_.consume(parser.put(buffer_.data(), error));
        if (parser.is_done()) break;
        if (error && error != http::error::need_more) co_return std::nullopt;
      }
      if (buffer_.size() >= request_limit) co_return std::nullopt;
      const auto space = buffer_.prepare(read_size);
      const Step step = co_await finish([&] {
        return transport_.read({static_cast<char*>(space.data()), space.size()});
      });
      if (step.error || step.bytes == 0) co_return std::nullopt;
      buffer_.commit(step.bytes);
    }
    co_return parser.release();
  }

  asio::awaitable<bool> write_all(std::string_view data) {
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

  asio::awaitable<bool> write(const Answer& answer, bool keep_alive) {
    restart_patience();
    std::string_view pattern = origin_pattern();
    // The header shares its record, and its packet, with as much of the body as goes in.
    std::string first = header_text(answer, keep_alive) + answer.text;
    const auto room = write_size - std::min(write_size, first.size());
    const auto joined =
        static_cast<std::size_t>(std::min<std::uint64_t>(answer.pattern_bytes, room));
    first.append(pattern.substr(0, joined));
    if (!co_await write_all(first)) co_return false;
    std::uint64_t offset = joined;
    while (offset < answer.pattern_bytes) {
      const auto rest = pattern.substr(offset % pattern.size());
      const auto size = std::min<std::uint64_t>(rest.size(), answer.pattern_bytes - offset);
      if (!co_await write_all(rest.substr(0, size))) co_return false;
      offset += size;
    }
    co_return true;
  }

  tcp::socket socket_;
  Transport transport_;
  asio::steady_timer patience_timer_;
  boost::beast::flat_buffer buffer_;  ///< received and not yet parsed
};

asio::awaitable<void> run_connection(tcp::socket socket, SSL_CTX* tls) {
  Connection connection(std::move(socket));
  co_await connection.run(tls);
}

asio::awaitable<void> accept_all(tcp::acceptor acceptor, SSL_CTX* tls) {
  while (true) {
    auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
    if (error) {
      // Out of descriptors, most likely: let some connections end before trying again.
      asio::steady_timer pause(acceptor.get_executor(), std::chrono::milliseconds(10));
      co_await pause.async_wait(asio::use_awaitable);
      continue;
    }
    asio::co_spawn(acceptor.get_executor(), run_connection(std::move(socket), tls), asio::detached);
  }
}

}  // namespace

void serve(asio::io_context& loop, tcp::acceptor acceptor, SSL_CTX* tls) {
  asio::co_spawn(loop, accept_all(std::move(acceptor), tls), asio::detached);
}

}  // namespace concurrency_models::origin
