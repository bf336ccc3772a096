#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace concurrency_models::bench {

/// Whether the text has one of `first` to `last` there, in UTF-8. All three as UTF-8 of one length,
/// and alike but for the last byte.
[[nodiscard]] inline bool has_one_of(std::string_view text, std::size_t at, std::string_view first,
                                     std::string_view last) {
  const std::string_view part = text.substr(at, first.size());
  const auto final_byte = [](std::string_view c) { return static_cast<unsigned char>(c.back()); };
  return part.size() == first.size() &&
         part.substr(0, part.size() - 1) == first.substr(0, first.size() - 1) &&
         final_byte(part) >= final_byte(first) && final_byte(part) <= final_byte(last);
}

/// The text with control characters replaced: file names, arguments and what servers say may hold
/// line breaks, and a message is one line; and what a terminal would obey, which begins with an ESC
/// or one of U+0080 to U+009F; and what separates lines or turns the direction of text in Unicode.
[[nodiscard]] inline std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, '?');
  struct Range {
    std::string_view first;
    std::string_view last;
  };
  static constexpr std::array<Range, 5> controls = {{
      {"\xC2\x80", "\xC2\x9F"},          // C1
      {"\xD8\x9C", "\xD8\x9C"},          // U+061C, a mark of direction
      {"\xE2\x80\x8E", "\xE2\x80\x8F"},  // U+200E and U+200F, the same
      {"\xE2\x80\xA8", "\xE2\x80\xAE"},  // U+2028 to U+202E: separators, embedding, overriding
      {"\xE2\x81\xA6", "\xE2\x81\xA9"},  // U+2066 to U+2069: isolation
  }};
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const Range& range : controls) {
      if (has_one_of(text, at, range.first, range.last)) {
        text.replace(at, range.first.size(), range.first.size(), '?');
      }
    }
  }
  return text;
}

}  // namespace concurrency_models::bench
