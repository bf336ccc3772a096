#pragma once

#include <optional>
#include <string>
#include <vector>

#include "concurrency_models/endpoint.h"
#include "support/running_program.h"
#include "support/test_stream.h"

namespace concurrency_models {

/// What an origin says once it is ready. Throws std::runtime_error if it says something else.
struct Announcement {
  Endpoint https;
  Endpoint http;
  std::string ca_pem;
};
[[nodiscard]] Announcement read_announcement(RunningProgram& program);

/// The origin program under way, without the library's handle for it.
class OriginProgram {
 public:
  explicit OriginProgram(const std::vector<std::string>& arguments = {});
  /// Any program that ends up as an origin.
  OriginProgram(const std::string& program, std::vector<std::string> arguments);

  [[nodiscard]] RunningProgram& program() { return program_; }
  [[nodiscard]] pid_t pid() const { return program_.pid(); }
  [[nodiscard]] const Endpoint& https() const { return announcement_.https; }
  [[nodiscard]] const Endpoint& http() const { return announcement_.http; }
  [[nodiscard]] const std::string& ca_pem() const { return announcement_.ca_pem; }

  /// A connection to its HTTPS port that takes only its own certificate for `name`; nothing if the
  /// handshake fails.
  [[nodiscard]] std::optional<TestStream> connect_tls(const std::string& name) const;

 private:
  RunningProgram program_;
  Announcement announcement_;
};

/// An answer as it came.
struct Answer {
  int status = 0;      ///< 0: none came
  std::string header;  ///< status line and blank line included
  std::string body;
};

/// Reads a header and as much of a body as that announces.
[[nodiscard]] Answer read_answer(TestStream& stream);

/// "GET target HTTP/1.1" with a Host header and what else is given, each line ended.
[[nodiscard]] std::string get_request(const std::string& target, const std::string& more = {});

/// Sends a GET over a connection that stays open, and reads the answer.
[[nodiscard]] Answer get(TestStream& stream, const std::string& target);

}  // namespace concurrency_models
