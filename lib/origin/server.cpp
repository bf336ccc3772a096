#include "server.h"

#include <time.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
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
#include <string>
#include <string_view>

#include "concurrency_models/origin_fault.h"
#include "concurrency_models/origin_protocol.h"
#include "faulty_answers.h"
#include "faulty_handshakes.h"
#include "message_text.h"
#include "pattern_body.h"
#include "server_stream.h"

namespace concurrency_models::origin {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t read_size = 4U << 10;

using Request = http::request<http::empty_body>;

/// What to send: after `delay`, a header, then `text` or `pattern_bytes` of the pattern; or what
/// `fault` makes of that.
struct Answer {
  http::status status = http::status::ok;
  std::chrono::microseconds delay{0};
  std::string text;
  std::uint64_t pattern_bytes = 0;
  std::string fault;  ///< its name; empty: none
};

Answer text_answer(http::status status, std::string text) {
  Answer answer;
  answer.status = status;
  answer.text = std::move(text);
  return answer;
}

Answer refusal(http::status status, const std::string& text) {
  return text_answer(status, text + '\n');
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

Answer answer_to(const Request& request, const Service& service) {
  if (request.method() != http::verb::get) {
    return refusal(http::status::method_not_allowed, "only GET is answered here");
  }
  const auto target = request.target();
  if (target == origin_cpu_target) return text_answer(http::status::ok, cpu_seconds());
  if (target == origin_faults_target) return text_answer(http::status::ok, service.faults);
  const auto url = boost::urls::parse_origin_form(target);
  if (!url) return refusal(http::status::bad_request, "not a path");
  if (url->path() != "/") {
    return refusal(http::status::not_found, "there are /?delay_us=N&bytes=N, /cpu and /faults");
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
    } else if (parameter.key == "fault") {
      answer.fault = parameter.value;
      if (!is_faulty_answer(answer.fault)) {
        return refusal(http::status::bad_request, "there is no such fault; /faults lists them");
      }
    } else {
      return refusal(http::status::bad_request, "there are only delay_us, bytes and fault");
    }
  }
  if (!answer.fault.empty() && answer.pattern_bytes < min_faulty_bytes) {
    return refusal(http::status::bad_request, "a fault needs a body of at least 2 bytes");
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

/// Header, and after it the body.
asio::awaitable<bool> write_answer(ServerStream& stream, const Answer& answer, bool keep_alive) {
  // The header shares its record, and its packet, with as much of the body as goes in.
  std::string first = header_text(answer, keep_alive) + answer.text;
  const auto room = ServerStream::write_size - std::min(ServerStream::write_size, first.size());
  const auto joined = static_cast<std::size_t>(std::min<std::uint64_t>(answer.pattern_bytes, room));
  first.append(origin_pattern().substr(0, joined));
  const bool sent = co_await stream.write(first);
  if (!sent) co_return false;
  co_return co_await write_pattern(stream, joined, answer.pattern_bytes);
}

/// `received` holds what came and is not yet parsed.
asio::awaitable<std::optional<Request>> read_request(ServerStream& stream,
                                                     boost::beast::flat_buffer& received) {
  stream.restart_patience();
  http::request_parser<http::empty_body> parser;
  parser.header_limit(Limits::request_bytes);
  parser.body_limit(std::uint64_t{0});
  parser.eager(true);
  // The parser's own limit is for its first line and for each of the fields that it has not yet
  // taken, so that there could be any number of them.
  std::size_t parsed = 0;
  while (!parser.is_done()) {
    if (received.size() > 0) {
      error_code error;
      const std::size_t taken = parser.put(received.data(), error);
      received.consume(taken);
      parsed += taken;
      if (parsed > Limits::request_bytes) co_return std::nullopt;
      if (parser.is_done()) break;
      if (error && error != http::error::need_more) co_return std::nullopt;
    }
    if (parsed + received.size() >= Limits::request_bytes) co_return std::nullopt;
    const auto space = received.prepare(read_size);
    const std::size_t bytes =
        co_await stream.read({static_cast<char*>(space.data()), space.size()});
    if (bytes == 0) co_return std::nullopt;
    received.commit(bytes);
  }
  co_return parser.release();
}

asio::awaitable<bool> shake_hands(ServerStream& stream, SSL_CTX* tls) {
  SslPointer ssl(::SSL_new(tls));
  const bool done = co_await stream.handshake(std::move(ssl));
  if (done) co_return true;
  const FaultyHandshake fault = stream.tls() == nullptr ? nullptr : requested_fault(stream.tls());
  if (fault == nullptr) co_return false;
  co_await fault(stream);
  co_return false;
}

/// For as long as the connection brings requests.
asio::awaitable<void> serve_connection(tcp::socket socket, SSL_CTX* tls, const Service& service) {
  ServerStream stream(std::move(socket), service.limits);
  if (!stream.prepare()) co_return;
  stream.restart_patience();
  if (tls != nullptr) {
    const bool done = co_await shake_hands(stream, tls);
    if (!done) co_return;
  }
  boost::beast::flat_buffer received;
  while (const auto request = co_await read_request(stream, received)) {
    const Answer answer = answer_to(*request, service);
    if (answer.delay.count() > 0) {
      stream.rest_patience();
      asio::steady_timer delay(stream.executor(), answer.delay);
      co_await delay.async_wait(asio::use_awaitable);
    }
    stream.begin_answer();
    if (!answer.fault.empty()) {
      co_await give_faulty_answer(stream, answer.fault, answer.pattern_bytes);
      co_return;
    }
    const bool keep_alive = request->keep_alive();
    const bool sent = co_await write_answer(stream, answer, keep_alive);
    if (!sent || !keep_alive) break;
    stream.end_answer();
  }
  stream.send_close_notify();
}

}  // namespace

void serve(tcp::acceptor& acceptor, ConnectionCount& count, SSL_CTX* tls, const Service& service) {
  accept_all(acceptor, count, [tls, &service](tcp::socket socket) {
    return serve_connection(std::move(socket), tls, service);
  });
}

}  // namespace concurrency_models::origin
