#include "http_exchange.h"

#include <arpa/inet.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/system/errc.hpp>
#include <new>
#include <string_view>

#include "concurrency_models/origin_protocol.h"

namespace concurrency_models {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

/// A Beast body that checks what it is given and keeps none of it, unless told to.
struct CheckedBody {
  struct value_type {
    std::optional<std::uint64_t> expected_bytes;
    std::string* kept = nullptr;
    std::uint64_t bytes = 0;
  };

  class reader {
   public:
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>& /*header*/, value_type& body) : body_(body) {}

    // Called before the header has been looked at: lengths are checked by the exchange.
    void init(const boost::optional<std::uint64_t>& /*length*/, error_code& error) { error = {}; }

    template <class ConstBufferSequence>
    std::size_t put(const ConstBufferSequence& buffers, error_code& error) {
      error = {};
      std::size_t taken = 0;
      for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers)) {
        const std::string_view part(static_cast<const char*>(buffer.data()), buffer.size());
        if (body_.expected_bytes && part.size() > *body_.expected_bytes - body_.bytes) {
          error = Error::wrong_length;
          return taken;
        }
        if (body_.expected_bytes && !matches_origin_pattern(body_.bytes, part)) {
          error = Error::wrong_content;
          return taken;
        }
        if (body_.kept != nullptr) body_.kept->append(part);
        body_.bytes += part.size();
        taken += part.size();
      }
      return taken;
    }

    void finish(error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

// By hand: Beast's fields take 11,000 instructions, a tenth of a request over a kept connection.
// The fuzz target "request" holds it to what Beast reads.
std::string request_text(const Url& url, bool keep_alive) {
  std::string text = "GET ";
  text += url.target;
  text += " HTTP/1.1\r\nHost: ";
  text += url.authority();
  text += "\r\nUser-Agent: concurrency_models\r\nAccept: */*\r\nConnection: ";
  text += keep_alive ? "keep-alive" : "close";
  text += "\r\n\r\n";
  return text;
}

bool is_ip_literal(const std::string& host) {
  std::array<unsigned char, 16> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

/// A client's end that will accept a certificate for `host` only.
SslPointer make_ssl(SSL_CTX* context, const std::string& host) {
  SslPointer ssl(::SSL_new(context));
  if (!ssl) return ssl;
  ::SSL_set_connect_state(ssl.get());
  if (is_ip_literal(host)) {
    if (::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(ssl.get()), host.c_str()) != 1) return {};
    return ssl;
  }
  ::SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (::SSL_set1_host(ssl.get(), host.c_str()) != 1 ||
      ::SSL_set_tlsext_host_name(ssl.get(), host.c_str()) != 1) {
    return {};
  }
  return ssl;
}

/// What a peer that has closed the connection makes of reading and writing.
bool is_end_of_connection(error_code error) {
  namespace errc = boost::system::errc;
  return error == Error::truncated || error == errc::connection_reset || error == errc::broken_pipe;
}

constexpr std::uint64_t kept_body_limit = std::uint64_t{64} << 10;

constexpr std::size_t read_size = std::size_t{16} << 10;  // the largest TLS record's payload
constexpr std::size_t shortest_last_chunk = std::string_view("0\r\n\r\n").size();
constexpr std::size_t reads_per_look_at_clock = 64;  // more than an answer of the suite takes

}  // namespace

/// Answers before the last one, such as "100 Continue", are passed over with a parser each.
struct HttpExchange::Response {
  std::optional<http::response_parser<CheckedBody>> parser;
  /// Received and not yet parsed: an unfinished header, or what frames an unfinished chunk.
  boost::beast::flat_buffer buffer;
  bool frame_unfinished = false;  ///< what is in the buffer frames a chunk
  std::size_t header_bytes = 0;   ///< of all answers
};

HttpExchange::HttpExchange(const Fetch& fetch, SSL_CTX* context, TimePoint deadline,
                           ConnectionCache* cache)
    : fetch_(fetch), context_(context), deadline_(deadline), cache_(cache) {}

HttpExchange::~HttpExchange() {
  if (keeps_connection_ && transport_->owns_socket()) cache_->put(fetch_, std::move(transport_));
}

void HttpExchange::keep_body(std::string& text) { kept_body_ = &text; }

Need HttpExchange::advance() {
  try {
    while (!finished_) {
      const Step step = take_step();
      if (step.error) {
        abort(step.error);
      } else if (step.need != Need::nothing) {
        return step.need;
      }
    }
  } catch (const std::bad_alloc&) {
    abort(make_error_code(boost::system::errc::not_enough_memory));
  }
  return Need::nothing;
}

Step HttpExchange::take_step() {
  switch (stage_) {
    case Stage::start:
      return start_connect();
    case Stage::connect:
      return start_handshake();
    case Stage::handshake:
      return handshake();
    case Stage::send:
      return send();
    default:
      return receive();
  }
}

Step HttpExchange::start_connect() {
  if (cache_ != nullptr) transport_ = cache_->take(fetch_);
  if (transport_) {
    connection_reused_ = result_.reused = true;
    enter_send();
    return transport_->has_unread() ? look_at_unasked() : Step{};
  }
  stage_ = Stage::connect;
  transport_ = std::make_unique<Transport>();
  const Step step = transport_->connect(fetch_.endpoint);
  connecting_ = step.need == Need::writable;
  return step;
}

Step HttpExchange::look_at_unasked() {
  char byte = 0;
  const Step step = transport_->read({&byte, 1});
  if (step.error) return step;
  if (step.need != Need::nothing) return {};  // TLS's own affair: a session, for instance
  return {.error = step.bytes > 0 ? Error::unasked_answer : Error::truncated};
}

Step HttpExchange::start_handshake() {
  if (connecting_) {
    const Step step = transport_->finish_connect();
    if (step.error) return step;
  }
  if (context_ == nullptr) {
    enter_send();
    return {};
  }
  stage_ = Stage::handshake;
  return start_tls();
}

Step HttpExchange::start_tls() {
  SslPointer ssl = make_ssl(context_, fetch_.url.host);
  if (ssl && kept_session_ != nullptr) SSL_set_app_data(ssl.get(), kept_session_);
  if (ssl && cache_ != nullptr) {
    if (const SessionPointer session = cache_->session_for(fetch_)) {
      session_offered_ = ::SSL_set_session(ssl.get(), session.get()) == 1;
    }
  }
  return {.error = transport_->use_tls(std::move(ssl))};
}

Step HttpExchange::handshake() {
  const Step step = transport_->handshake();
  if (step.error || step.need != Need::nothing) return step;
  result_.reused = ::SSL_session_reused(transport_->tls()) != 0;
  if (result_.reused && !session_offered_) return {.error = Error::session_resumed};
  enter_send();
  return {};
}

void HttpExchange::enter_send() {
  stage_ = Stage::send;
  request_ = request_text(fetch_.url, cache_ != nullptr && cache_->keeps_connections());
}

Step HttpExchange::send() {
  Step step = transport_->write(std::span(request_).subspan(sent_));
  sent_ += step.bytes;
  if (sent_ == request_.size()) {
    stage_ = Stage::header;
    response_ = std::make_unique<Response>();
    expect_response();
    // No server answers as fast as this gets here: to look for it would be for nothing.
    if (!step.error && step.need == Need::nothing) step.need = Need::readable;
  }
  return step;
}

void HttpExchange::expect_response() {
  auto& parser = response_->parser.emplace();
  parser.header_limit(HttpClient::header_limit);
  parser.body_limit(kept_body_ != nullptr ? kept_body_limit : HttpClient::body_limit);
  parser.get().body() = {.expected_bytes = fetch_.expected_bytes, .kept = kept_body_};
}

Step HttpExchange::receive() {
  auto& buffer = response_->buffer;
  const auto space = buffer.prepare(read_size);
  const Step step = transport_->read({static_cast<char*>(space.data()), space.size()});
  if (step.error || step.need != Need::nothing) return step;
  // A peer that is fast enough never lets the driver wait and look at its clock.
  if (++reads_ % reads_per_look_at_clock == 0 && std::chrono::steady_clock::now() >= deadline_) {
    return {.error = Error::deadline_exceeded};
  }
  buffer.commit(step.bytes);
  answer_begun_ = answer_begun_ || step.bytes > 0;
  const error_code error = step.bytes == 0 ? parse_end() : parse();
  if (error == http::error::body_limit) stage_ = Stage::body;  // told by the header
  if (error) return {.error = error};
  if (response_->parser->is_done()) return finish();
  return {};
}

error_code HttpExchange::parse_end() {
  error_code error = Error::truncated;
  if (response_->parser->is_header_done()) response_->parser->put_eof(error);
  return error == http::error::partial_message ? make_error_code(Error::truncated) : error;
}

error_code HttpExchange::parse() {
  auto& buffer = response_->buffer;
  error_code error;
  while (buffer.size() > 0 && !response_->parser->is_done()) {
    // Once it knows the last chunk, the parser takes for granted that it sees a whole one's length.
    const std::string_view unread(static_cast<const char*>(buffer.data().data()), buffer.size());
    const bool may_be_last =
        response_->frame_unfinished && unread.find('\n') != std::string_view::npos;
    if (may_be_last && unread.size() < shortest_last_chunk) break;
    // The parser limits headers and bodies, but not what frames a chunk: it throws when a field of
    // a trailer is too long. So it is never shown more than may frame one.
    const std::size_t shown = std::min<std::size_t>(buffer.size(), HttpClient::header_limit);
    // Not eager before the header is known to be good: the parser then stops behind it.
    const std::size_t used =
        response_->parser->put(boost::asio::buffer(buffer.data(), shown), error);
    buffer.consume(used);
    if (error && error != http::error::need_more) return error;
    response_->frame_unfinished = error == http::error::need_more && stage_ == Stage::body;
    if (stage_ == Stage::header) response_->header_bytes += used;
    if (response_->header_bytes > HttpClient::header_limit) return http::error::header_limit;
    if (stage_ == Stage::header && response_->parser->is_header_done()) {
      if (const error_code refused = check_header()) return refused;
    } else if (error == http::error::need_more) {
      if (shown - used == HttpClient::header_limit) return http::error::header_limit;
      if (shown - used == buffer.size()) break;  // no more has come
    }
  }
  return {};
}

error_code HttpExchange::check_header() {
  const auto status = response_->parser->get().result_int();
  constexpr unsigned switching_protocols = 101;
  if (status < 100) return http::error::bad_status;  // no interim answer has such a one
  if (status < 200 && status != switching_protocols) {
    expect_response();
    return {};
  }
  const bool wanted = fetch_.expected_bytes ? status == 200 : status >= 200 && status < 400;
  if (!wanted) return {static_cast<int>(status), http_status_category()};
  stage_ = Stage::body;
  response_->parser->eager(true);
  const auto length = response_->parser->content_length();
  if (length && fetch_.expected_bytes && *length != *fetch_.expected_bytes) {
    return Error::wrong_length;
  }
  return {};
}

Step HttpExchange::finish() {
  result_.bytes = response_->parser->get().body().bytes;
  if (fetch_.expected_bytes && result_.bytes != *fetch_.expected_bytes) {
    return {.error = Error::wrong_length};
  }
  // More than the answer would be taken for the next one's.
  keeps_connection_ = cache_ != nullptr && cache_->keeps_connections() &&
                      response_->parser->keep_alive() && response_->buffer.size() == 0;
  if (!keeps_connection_) transport_->send_close_notify();
  finished_ = true;
  return {};
}

void HttpExchange::abort(error_code error) {
  if (connection_reused_ && !answer_begun_ && is_end_of_connection(error)) {
    error = Error::kept_connection_closed;
  }
  result_ = {.bytes = 0, .error = {.stage = stage_, .code = error}};
  finished_ = true;
}

TlsParameters HttpExchange::tls_parameters() const {
  TlsParameters parameters;
  SSL* const ssl = transport_ ? transport_->tls() : nullptr;
  if (ssl == nullptr) return parameters;
  parameters.version = ::SSL_get_version(ssl);
  if (const char* const group = ::OBJ_nid2sn(static_cast<int>(SSL_get_negotiated_group(ssl)))) {
    parameters.key_exchange = group;
  }
  X509* const certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return parameters;
  EVP_PKEY* const key = ::X509_get0_pubkey(certificate);
  if (key == nullptr) return parameters;
  if (const char* const type = ::EVP_PKEY_get0_type_name(key)) parameters.key_type = type;
  std::array<char, 64> group{};
  std::size_t length = 0;
  if (::EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1) {
    parameters.key_type += ' ' + std::string(group.data(), length);
  } else {
    parameters.key_type += ' ' + std::to_string(::EVP_PKEY_get_bits(key));
  }
  return parameters;
}

}  // namespace concurrency_models
