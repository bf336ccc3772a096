#include "fuzz/require.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace concurrency_models::fuzz {

void require(bool holds, std::string_view property, std::string_view about) {
  if (holds) return;
  std::cerr << "does not hold: " << property;
  constexpr std::size_t enough = 500;
  if (!about.empty()) std::cerr << ": '" << about.substr(0, enough) << '\'';
  std::cerr << std::endl;
  std::abort();
}

void require_message(std::string_view message) {
  require(!message.empty(), "an error says something");
  const bool one_line = std::none_of(message.begin(), message.end(),
                                     [](unsigned char c) { return c < ' ' || c == '\x7f'; });
  require(one_line, "an error is one line without control characters", message);
}

bool could_end_a_field(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c <= ' ' || c > '~'; });
}

}  // namespace concurrency_models::fuzz
