#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "concurrency_models/fetch.h"
#include "concurrency_models/http_client.h"
#include "transport.h"

namespace concurrency_models {

/// One GET over a fresh connection, as a sequence of steps that never block.
///
/// Its driver calls advance(), waits for what that says is needed, and calls it again, until
/// nothing is. This is the one place where requests are built and answers checked, whoever waits.
class HttpExchange {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `fetch` must outlive it. `context` is null for http. Its driver ends it at `deadline` wherever
  /// it waits; by itself it does so only where data keeps coming without a wait.
  HttpExchange(const Fetch& fetch, SSL_CTX* context, TimePoint deadline);
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

  [[nodiscard]] Transport& transport() { return transport_; }
  /// Agreed on in the handshake; only while the exchange exists and after its handshake.
  [[nodiscard]] TlsParameters tls_parameters() const;
  /// Appends the body, which then must be a short one, to `text` as it comes.
  void keep_body(std::string& text);

 private:
  struct Response;

  [[nodiscard]] Step take_step();
  [[nodiscard]] Step start_connect();
  [[nodiscard]] Step start_handshake();
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
  Transport transport_;
  Stage stage_ = Stage::start;
  bool connecting_ = false;
  bool finished_ = false;
  std::string request_;
  std::size_t sent_ = 0;
  std::size_t reads_ = 0;
  std::unique_ptr<Response> response_;
  std::string* kept_body_ = nullptr;
  FetchResult result_;
};

}  // namespace concurrency_models
