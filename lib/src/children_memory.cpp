#include "concurrency_models/children_memory.h"

#include "platform/platform.h"

namespace concurrency_models {

ChildrenMemory::Said* ChildrenMemory::current_ = nullptr;

ChildrenMemory::ChildrenMemory() : said_(1) { current_ = said_.begin(); }

ChildrenMemory::~ChildrenMemory() { current_ = nullptr; }

std::optional<std::int64_t> ChildrenMemory::total_kb(unsigned children) const {
  const Said& said = said_[0];
  if (said.children != children) return std::nullopt;
  return said.kb;
}

void ChildrenMemory::add_this_process() {
  if (current_ == nullptr) return;
  if (const auto kb = platform::unique_set_kb()) {
    current_->kb += *kb;
    ++current_->children;
  }
}

}  // namespace concurrency_models
