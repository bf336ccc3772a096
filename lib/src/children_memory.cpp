#include "concurrency_models/children_memory.h"

#include <stdexcept>

#include "platform/platform.h"

namespace concurrency_models {

ChildrenMemory::Said* ChildrenMemory::current = nullptr;

ChildrenMemory::ChildrenMemory() : said_(1) {
  if (current != nullptr) throw std::logic_error("children say what they hold to somebody else");
  current = said_.begin();
}

ChildrenMemory::~ChildrenMemory() { current = nullptr; }

std::optional<std::int64_t> ChildrenMemory::total_kb(unsigned children) const {
  const Said& said = said_[0];
  if (said.children != children) return std::nullopt;
  return said.kb;
}

void ChildrenMemory::add_this_process() {
  if (current == nullptr) return;
  if (const auto kb = platform::unique_set_kb()) {
    current->kb += *kb;
    ++current->children;
  }
}

}  // namespace concurrency_models
