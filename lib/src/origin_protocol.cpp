#include "concurrency_models/origin_protocol.h"

#include <algorithm>

namespace concurrency_models {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kib = 1024;

constexpr std::size_t pattern_size = 65521;  // the largest prime below 64 KiB

/// Printable, so that a body can be looked at; from a linear congruential generator (the constants
/// of Numerical Recipes, 7.1), so that no two stretches of it are alike.
constexpr std::array<char, pattern_size> make_pattern() {
  std::array<char, pattern_size> pattern{};
  std::uint32_t state = 1;
  for (char& character : pattern) {
    state = state * 1664525U + 1013904223U;
    character = static_cast<char>('0' + (state >> 26U));
  }
  return pattern;
}

}  // namespace

const std::array<OriginHost, 10>& origin_hosts() {
  static constexpr std::array<OriginHost, 10> hosts = {{
      {"host01.origin.test", milliseconds(4), 1 * kib},
      {"host02.origin.test", milliseconds(6), 2 * kib},
      {"host03.origin.test", milliseconds(8), 4 * kib},
      {"host04.origin.test", milliseconds(10), 8 * kib},
      {"host05.origin.test", milliseconds(12), 8 * kib},
      {"host06.origin.test", milliseconds(14), 16 * kib},
      {"host07.origin.test", milliseconds(18), 16 * kib},
      {"host08.origin.test", milliseconds(22), 32 * kib},
      {"host09.origin.test", milliseconds(28), 32 * kib},
      {"host10.origin.test", milliseconds(38), 64 * kib},
  }};
  return hosts;
}

std::string origin_target(std::chrono::microseconds delay, std::uint64_t bytes) {
  return "/?delay_us=" + std::to_string(delay.count()) + "&bytes=" + std::to_string(bytes);
}

std::string_view origin_pattern() {
  static const std::array<char, pattern_size> pattern = make_pattern();
  return {pattern.data(), pattern.size()};
}

bool matches_origin_pattern(std::uint64_t offset, std::string_view part) {
  const std::string_view pattern = origin_pattern();
  auto position = static_cast<std::size_t>(offset % pattern.size());
  while (!part.empty()) {
    const std::size_t length = std::min(part.size(), pattern.size() - position);
    if (part.substr(0, length) != pattern.substr(position, length)) return false;
    part.remove_prefix(length);
    position = 0;
  }
  return true;
}

}  // namespace concurrency_models
