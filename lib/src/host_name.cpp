#include "host_name.h"

#include <algorithm>
#include <cctype>

namespace concurrency_models {

bool is_host_name(std::string_view text) {
  constexpr std::size_t max_length = 253;
  return text.size() <= max_length && std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
         });
}

}  // namespace concurrency_models
