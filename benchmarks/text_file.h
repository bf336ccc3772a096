#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "concurrency_models/url.h"

namespace concurrency_models::bench {

/// The whole file. Throws std::invalid_argument that says why it cannot be had and what to do; what
/// is larger than 16 MiB is refused, since it may be a device without end.
[[nodiscard]] std::string read_text_file(const std::filesystem::path& path);

/// The URLs in `text`, one a line; blank lines and those that begin with '#' hold none. Throws
/// UsageError of the form "NAME:3: …", also if there is no URL at all.
[[nodiscard]] std::vector<Url> parse_urls(std::string_view text, const std::string& name);

/// Throws UsageError unless the file can be written, or made. Leaves no trace: what exists keeps
/// its content, what does not exist still does not.
void check_writable(const std::string& option, const std::filesystem::path& path);

}  // namespace concurrency_models::bench
