#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

namespace concurrency_models::bench {

/// The text with control characters replaced: file names, arguments and what servers say may hold
/// line breaks, and a message is one line; and what a terminal would obey. That begins with an ESC,
/// or in UTF-8 with one of U+0080 to U+009F.
[[nodiscard]] inline std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, '?');
  constexpr std::string_view first_byte = "\xC2";
  for (auto at = text.find(first_byte); at != std::string::npos && at + 1 < text.size();
       at = text.find(first_byte, at + 1)) {
    const auto second_byte = static_cast<unsigned char>(text[at + 1]);
    if (second_byte >= 0x80 && second_byte < 0xA0) text.replace(at, 2, "??");
  }
  return text;
}

}  // namespace concurrency_models::bench
