#include "text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "command_line.h"
#include "usage_error.h"

namespace concurrency_models::bench {
namespace {

constexpr std::size_t max_file_bytes = std::size_t{16} << 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr mode_t new_file_mode = 0666;

std::string system_says() { return std::strerror(errno); }

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::string read_text_file(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::invalid_argument("cannot be opened: " + system_says() +
                                "; name a file that can be read");
  }
  std::string text;
  while (file && text.size() <= max_file_bytes) {
    const std::size_t before = text.size();
    constexpr std::size_t step = std::size_t{64} << 10;
    text.resize(before + step);
    file.read(text.data() + before, step);
    text.resize(before + static_cast<std::size_t>(file.gcount()));
  }
  if (file.bad() || std::filesystem::is_directory(path)) {
    throw std::invalid_argument("cannot be read: it is no file, or the disk fails; name another");
  }
  if (text.size() > max_file_bytes) {
    throw std::invalid_argument("is larger than 16 MiB; name a smaller file");
  }
  return text;
}

std::vector<Url> parse_urls(std::string_view text, const std::string& name) {
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  std::vector<Url> urls;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.empty() || line.front() == '#') continue;
    try {
      urls.push_back(parse_url(line));
    } catch (const std::invalid_argument& error) {
      throw UsageError(
          bad_value(name + ':' + std::to_string(number), std::string(line), error.what()));
    }
  }
  if (urls.empty()) throw UsageError(name + ": holds no URL; write one a line");
  return urls;
}

void check_writable(const std::string& option, const std::filesystem::path& path) {
  std::error_code ignored;
  const auto kind = std::filesystem::status(path, ignored).type();
  // Opening a pipe would wait for its reader, or end its reading when closed.
  if (kind == std::filesystem::file_type::fifo || kind == std::filesystem::file_type::character) {
    return;
  }
  const bool exists = kind != std::filesystem::file_type::not_found;
  const int flags = O_WRONLY | O_CLOEXEC | (exists ? 0 : O_CREAT | O_EXCL);
  const int file = ::open(path.c_str(), flags, new_file_mode);
  if (file < 0) {
    throw UsageError(bad_value(option, path.string(),
                               "cannot be written: " + system_says() +
                                   "; name a file that can be, in a folder that exists"));
  }
  ::close(file);
  if (!exists) ::unlink(path.c_str());
}

}  // namespace concurrency_models::bench
