// Any text as the value of each kind of option: what is taken says the same when written out again,
// and lies within bounds; all else is refused by std::invalid_argument with a message.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "fuzz/fuzz_target.h"
#include "fuzz/require.h"
#include "option_values.h"
#include "selection.h"

namespace concurrency_models::fuzz {
namespace {

using namespace bench;

template <class Parser>
auto taken(Parser parse) -> std::optional<std::invoke_result_t<Parser>> {
  try {
    return parse();
  } catch (const std::invalid_argument& error) {
    require_message(error.what());
    return std::nullopt;
  }
}

std::string without_leading_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? "0" : std::string(digits.substr(first));
}

template <class Range>
std::string joined(const Range& parts) {
  std::string text;
  for (const auto& part : parts) text.append(text.empty() ? "" : ",").append(part);
  return text;
}

void try_whole(std::string_view text) {
  constexpr std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  const auto value = taken([&] { return parse_whole(text, 0, max); });
  if (value) require(std::to_string(*value) == without_leading_zeros(text), "whole", text);
  constexpr std::uint64_t low = 7;
  constexpr std::uint64_t high = 900;
  const auto bounded = taken([&] { return parse_whole(text, low, high); });
  const bool within = value && *value >= low && *value <= high;
  require(bounded.has_value() == within && (!within || bounded == value), "whole, bounded", text);
}

void try_decimal(std::string_view text) {
  constexpr double max = std::numeric_limits<double>::max();
  const auto value = taken([&] { return parse_decimal(text, 0, max); });
  if (!value) return;
  require(std::isfinite(*value) && !std::signbit(*value), "decimal is finite, not negative", text);
  require(text.find_first_not_of("0123456789.eE+-") == std::string_view::npos, "decimal", text);
  constexpr double high = 10;
  require(taken([&] { return parse_decimal(text, 0, high); }).has_value() == (*value <= high),
          "decimal, bounded", text);
}

void try_choices(std::string_view text) {
  const std::vector<std::string_view> choices = {"console", "json", "csv"};
  const auto index = taken([&] { return parse_choice(text, choices); });
  if (index) require(choices.at(*index) == text, "choice", text);
  static_cast<void>(taken([&] { return parse_switch(text); }));
}

void try_fibonacci(std::string_view text) {
  const auto range = taken([&] { return parse_fibonacci(text); });
  if (!range) return;
  require(range->low >= 1 && range->low <= range->high && range->high <= 50, "numbers", text);
  require(range->repeat >= 1 && range->repeat <= 1000, "repetitions", text);
  const std::string written = std::to_string(range->low) + ':' + std::to_string(range->high) + ':' +
                              std::to_string(range->repeat);
  const FibonacciRange again = parse_fibonacci(written);
  require(again.low == range->low && again.high == range->high && again.repeat == range->repeat,
          "what is written reads the same", written);
}

void try_workers(std::string_view text) {
  const auto workers = taken([&] { return parse_workers(text); });
  if (!workers) return;
  require(!workers->empty() && workers->front() >= 1 && workers->back() <= 10'000, "workers", text);
  require(std::adjacent_find(workers->begin(), workers->end(), std::greater_equal<>()) ==
              workers->end(),
          "workers ascend without repeats", text);
  std::vector<std::string> written;
  for (const unsigned number : *workers) written.push_back(std::to_string(number));
  require(parse_workers(joined(written)) == *workers, "what is written reads the same", text);
}

void try_deadline(std::string_view text) {
  const auto deadline = taken([&] { return parse_deadline(text); });
  if (!deadline) return;
  require(deadline->count() > 0 && *deadline <= std::chrono::hours(1), "deadline", text);
}

void try_names(std::string_view text) {
  const auto names = taken([&] { return parse_names(text); });
  if (names) require(joined(*names) == text, "names", text);
  const auto selection = taken([&] { return parse_selection(text); });
  const bool listed = selection && selection->kind == Selection::Kind::listed;
  if (listed) require(names && selection->names == *names, "a selection of names", text);
  require(selection.has_value() == names.has_value(), "a selection is names or one word", text);
}

void try_pairs(std::string_view text) {
  const auto pairs = taken([&] { return parse_pairs(text); });
  if (!pairs) return;
  std::vector<std::string> written;
  for (const auto& [key, value] : *pairs) {
    require(!key.empty(), "a key has a name", text);
    written.emplace_back(key).append("=").append(value);
  }
  const std::string sorted = joined(written);
  require(sorted.size() == text.size(), "pairs are all that was given", text);
  require(parse_pairs(sorted) == *pairs, "what is written reads the same", sorted);
}

}  // namespace

void try_input(std::string_view input) {
  try_whole(input);
  try_decimal(input);
  try_choices(input);
  try_fibonacci(input);
  try_workers(input);
  try_deadline(input);
  try_names(input);
  try_pairs(input);
}

}  // namespace concurrency_models::fuzz
