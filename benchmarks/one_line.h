#pragma once

#include <algorithm>
#include <cctype>
#include <string>

namespace concurrency_models::bench {

/// The text with control characters replaced: file names, arguments and what servers say may hold
/// line breaks, and a message is one line.
[[nodiscard]] inline std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, '?');
  return text;
}

}  // namespace concurrency_models::bench
