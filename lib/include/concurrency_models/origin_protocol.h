#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace concurrency_models {

/// A host the origin plays: it is asked to answer after `latency` with `bytes` of body.
struct OriginHost {
  std::string_view name;
  std::chrono::milliseconds latency;
  std::uint64_t bytes;
};

/// The ten hosts of the io workload, from fast and small to slow and large. Latency and size travel
/// in the request, so that an origin knows its hosts by their names in its certificate only.
[[nodiscard]] const std::array<OriginHost, 10>& origin_hosts();

/// "/?delay_us=4000&bytes=1024": asks for `bytes` of the origin's pattern after `delay`.
[[nodiscard]] std::string origin_target(std::chrono::microseconds delay, std::uint64_t bytes);

/// What an origin refuses to go beyond.
inline constexpr std::chrono::microseconds max_origin_delay = std::chrono::minutes(10);
inline constexpr std::uint64_t max_origin_bytes = std::uint64_t{64} << 20;

/// Asks for the CPU seconds the origin has used so far, as a decimal number in plain text.
inline constexpr std::string_view origin_cpu_target = "/cpu";

/// The origin's body is this text, repeated and cut to length. Its length is a prime, so that a
/// part that is missing, doubled or out of place shows.
[[nodiscard]] std::string_view origin_pattern();

/// True if `part` is what stands at `offset` in the origin's body.
[[nodiscard]] bool matches_origin_pattern(std::uint64_t offset, std::string_view part);

}  // namespace concurrency_models
