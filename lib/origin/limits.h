#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace concurrency_models::origin {

/// What clients may take of the origin, which serves whoever comes. Together these bound its memory
/// and how long anyone can keep any of it.
struct Limits {
  /// A request's line and header fields together, in bytes. It may have no body.
  static constexpr std::uint32_t request_bytes = 8U << 10;

  /// For a TLS handshake; for a whole request, counted from the end of the last answer; and for
  /// each part of an answer (16 KiB) to be taken.
  std::chrono::milliseconds request_timeout = std::chrono::seconds(30);
  /// For a whole answer to be taken, counted from the end of its delay; and for a client that asked
  /// for a fault to leave.
  std::chrono::milliseconds answer_timeout = std::chrono::minutes(10);
  /// At once, on all ports together; others wait in the listening queues. More than the 28,232
  /// ports that Linux gives one client address by default, so that no client of that kind meets
  /// with it.
  std::size_t connections = 30'000;
};

}  // namespace concurrency_models::origin
