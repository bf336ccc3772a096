#include "support/strict_json.h"

#include <set>
#include <stdexcept>
#include <vector>

namespace concurrency_models {

nlohmann::json parse_strictly(const std::string& text) {
  std::vector<std::set<std::string>> open_objects;
  const auto check = [&](int /*depth*/, nlohmann::json::parse_event_t event,
                         nlohmann::json& parsed) {
    if (event == nlohmann::json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end) open_objects.pop_back();
    if (event == nlohmann::json::parse_event_t::key &&
        !open_objects.back().insert(parsed.get<std::string>()).second) {
      throw std::invalid_argument("a name occurs twice: " + parsed.get<std::string>());
    }
    return true;
  };
  return nlohmann::json::parse(text, check);
}

}  // namespace concurrency_models
