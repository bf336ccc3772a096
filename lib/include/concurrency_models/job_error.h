#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace concurrency_models {

/// Where in its life a job failed.
enum class Stage : std::uint8_t {
  none,       ///< it did not fail
  start,      ///< its thread or process could not be started
  connect,    ///< TCP connect
  handshake,  ///< TLS handshake, the server's certificate included
  send,       ///< sending the request
  header,     ///< receiving the response's header
  body,       ///< receiving the response's body
  open,       ///< opening a file
  read,       ///< reading a file
  work,       ///< its worker ended before the job did
  check,      ///< the job ended, with a wrong result
};

[[nodiscard]] std::string_view name(Stage stage);

/// Why a job failed: the stage and what the system, OpenSSL, Beast or this library said.
///
/// Plain data that may lie in memory shared with forked children: the code's category is a static
/// object whose address is the same on both sides of a fork (it would not survive exec).
struct JobError {
  Stage stage = Stage::none;
  boost::system::error_code code;

  explicit operator bool() const { return stage != Stage::none; }
  /// "stage: reason", for instance "TLS handshake: certificate has expired".
  [[nodiscard]] std::string text() const;
};

/// This library's own reasons.
enum class Error : int {
  deadline_exceeded = 1,   ///< the fetch took longer than ClientOptions::deadline
  truncated,               ///< the peer closed the connection in the middle of a message
  wrong_content,           ///< the body differs from what the origin was asked for
  wrong_length,            ///< the body is longer or shorter than what was asked for
  wrong_file,              ///< a file does not hold what was written to it
  wrong_number,            ///< a computed number is not the Fibonacci number asked for
  session_resumed,         ///< a connection that had to be fresh resumed an earlier TLS session
  kept_connection_closed,  ///< the peer had closed a kept connection before it answered
  unasked_answer,          ///< the peer sent something over a kept connection, unasked
  not_reused,              ///< a fetch that had to reuse something opened a fresh connection
  never_run,               ///< the run ended without any worker having taken the job
};

/// Category of Error.
[[nodiscard]] const boost::system::error_category& error_category();
/// Values are HTTP status codes of answers that do not count as success.
[[nodiscard]] const boost::system::error_category& http_status_category();
/// Values are OpenSSL's X509_V_ERR codes.
[[nodiscard]] const boost::system::error_category& certificate_category();
/// Values are OpenSSL's packed error codes, as ERR_get_error returns them.
[[nodiscard]] const boost::system::error_category& tls_category();
/// Values are wait statuses of worker processes, as wait4 returns them.
[[nodiscard]] const boost::system::error_category& process_exit_category();

[[nodiscard]] inline boost::system::error_code make_error_code(Error error) {
  return {static_cast<int>(error), error_category()};
}

}  // namespace concurrency_models

template <>
struct boost::system::is_error_code_enum<concurrency_models::Error> : std::true_type {};
