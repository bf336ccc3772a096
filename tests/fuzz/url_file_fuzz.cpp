// Any text as a file of URLs: all of its URLs come out, in order, or an error that names the line.

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "fuzz/require.h"
#include "text_file.h"
#include "usage_error.h"

namespace concurrency_models::fuzz {
namespace {

const std::string file_name = "urls.txt";
const std::string byte_order_mark = "\xEF\xBB\xBF";

/// Lines that hold something, as a reader of the documentation would count them.
std::size_t lines_with_urls(std::string_view text) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::size_t count = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start != std::string_view::npos && line[start] != '#') ++count;
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return count;
}

void require_line_number(std::string_view message, std::string_view input) {
  message.remove_prefix(file_name.size());
  if (message.starts_with(": holds no URL")) return;
  const auto lines = std::count(input.begin(), input.end(), '\n') + 1;
  const long number = std::stol(std::string(message.substr(1)));
  require(message.front() == ':' && number >= 1 && number <= lines,
          "an error names a line of the file", message);
}

}  // namespace

void try_input(std::string_view input) {
  std::vector<Url> urls;
  try {
    urls = bench::parse_urls(input, file_name);
  } catch (const bench::UsageError& error) {
    require_message(error.what());
    require(std::string_view(error.what()).starts_with(file_name), "an error names the file",
            error.what());
    require_line_number(error.what(), input);
    return;
  }
  require(urls.size() == lines_with_urls(input), "each line is a URL, a comment or blank");
  std::string written;
  for (const Url& url : urls) written += url.text() + '\n';
  require(bench::parse_urls(written, file_name) == urls, "what is written reads the same", written);
  require(bench::parse_urls(byte_order_mark + written, file_name) == urls,
          "a byte order mark makes no difference", written);
}

}  // namespace concurrency_models::fuzz
