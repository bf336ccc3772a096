#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "concurrency_models/fetch.h"
#include "concurrency_models/http_client.h"
#include "connection_cache.h"
#include "transport.h"

namespace concurrency_models {

/// One GET, over a fresh connection unless a cache has one, as a sequence of steps that never
/// block.
///
/// Its driver calls advance(), waits for what that says is needed, and calls it again, until
/// nothing is. This is the one place where requests are built and answers checked, whoever waits.
class HttpExchange {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `fetch` must outlive it. `context` is null for http. Its driver ends it at `deadline` wherever
  /// it waits; by itself it does so only where data keeps coming without a wait. `cache`, if there
  /// is one, must outlive it too: what the exchange may reuse comes from there, and a connection
  /// that can be kept goes there when the exchange ends.
  HttpExchange(const Fetch& fetch, SSL_CTX* context, TimePoint deadline,
               ConnectionCache* cache = nullptr);
  ~HttpExchange();
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;
  HttpExchange(HttpExchange&&) = delete;
  HttpExchange& operator=(HttpExchange&&) = delete;

  /// Goes on as far as it can. Need::nothing: it is over, result() says how.
  [[nodiscard]] Need advance();

  /// Ends the exchange at whatever stage it is, because its driver cannot go on.
  void abort(boost::system::error_code error);

  [[nodiscard]] const FetchResult& result() const { return result_; }
  /// It is over, and its connection serves another fetch.
  [[nodiscard]] bool keeps_connection() const { return keeps_connection_; }

  /// Once it needed something.
  [[nodiscard]] Transport& transport() { return *transport_; }
  /// Agreed on in the handshake; only while the exchange exists and after its handshake.
  [[nodiscard]] TlsParameters tls_parameters() const;
  /// Appends the body, which then must be a short one, to `text` as it comes.
  void keep_body(std::string& text);
  /// Leaves the session that the server offers for later, if it does, in `session`.
  void keep_session(SessionPointer& session) { kept_session_ = &session; }

 private:
  struct Response;

  [[nodiscard]] Step take_step();
  [[nodiscard]] Step start_connect();
  [[nodiscard]] Step look_at_unasked();
  [[nodiscard]] Step start_handshake();
  [[nodiscard]] Step start_tls();
  [[nodiscard]] Step handshake();
  [[nodiscard]] Step send();
  [[nodiscard]] Step receive();
  void enter_send();
  void expect_response();
  [[nodiscard]] boost::system::error_code parse();
  [[nodiscard]] boost::system::error_code parse_end();
  /// Once an answer's header is complete.
  [[nodiscard]] boost::system::error_code check_header();
  [[nodiscard]] Step finish();

  const Fetch& fetch_;
  SSL_CTX* context_;
  TimePoint deadline_;
  ConnectionCache* cache_;
  std::unique_ptr<Transport> transport_;
  Stage stage_ = Stage::start;
  bool connecting_ = false;
  bool finished_ = false;
  bool session_offered_ = false;    ///< by this end, to be resumed
  bool connection_reused_ = false;  ///< it was there before this fetch
  bool answer_begun_ = false;
  bool keeps_connection_ = false;
  std::string request_;
  std::size_t sent_ = 0;
  std::size_t reads_ = 0;
  std::unique_ptr<Response> response_;
  std::string* kept_body_ = nullptr;
  SessionPointer* kept_session_ = nullptr;
  FetchResult result_;
};

}  // namespace concurrency_models
