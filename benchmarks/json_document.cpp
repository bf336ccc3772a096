#include "json_document.h"

#include <cmath>
#include <iostream>
#include <string>

#include "interrupt.h"

namespace concurrency_models::bench {
namespace {

using nlohmann::ordered_json;

constexpr const char* end_of_document = "\n  ]\n}\n";

/// nlohmann's library writes null for such numbers, which readers take for a figure that is missing
/// its value; we leave the key out.
void drop_non_finite(ordered_json& value) {
  if (!value.is_structured()) return;
  for (auto member = value.begin(); member != value.end();) {
    if (member->is_number_float() && !std::isfinite(member->get<double>())) {
      member = value.erase(member);
    } else {
      drop_non_finite(*member);
      ++member;
    }
  }
}

/// Pretty text whose lines after the first begin with so many blanks.
std::string to_text(ordered_json value, std::size_t indent) {
  drop_non_finite(value);
  const std::string text = value.dump(2, ' ', false, ordered_json::error_handler_t::replace);
  std::string indented;
  for (const char c : text) {
    indented += c;
    if (c == '\n') indented.append(indent, ' ');
  }
  return indented;
}

}  // namespace

JsonDocument::JsonDocument(std::ostream& out, const ordered_json& context)
    : out_(out), movable_(&out != &std::cout && out.tellp() != std::ostream::pos_type(-1)) {
  out_.clear(out_.rdstate() & ~std::ios::failbit);  // of a tellp() that could not
  write("{\n  \"context\": " + to_text(context, 2) + ",\n  \"benchmarks\": [");
}

void JsonDocument::append(const ordered_json& row) {
  write((empty_ ? "\n    " : ",\n    ") + to_text(row, 4));
  empty_ = false;
}

void JsonDocument::close() {
  const InterruptsHeld held;
  if (!movable_) out_ << end_of_document << std::flush;
  if (&out_ == &std::cout) complete_on_interrupt(nullptr);
}

void JsonDocument::write(std::string text) {
  const InterruptsHeld held;
  if (movable_) {
    const std::ostream::pos_type end = out_.tellp() + static_cast<std::streamoff>(text.size());
    text += end_of_document;  // goes over the one before, which is never longer
    out_.write(text.data(), static_cast<std::streamsize>(text.size())).flush();
    out_.seekp(end);
  } else {
    out_ << text << std::flush;
    if (&out_ == &std::cout) complete_on_interrupt(end_of_document);
  }
}

}  // namespace concurrency_models::bench
