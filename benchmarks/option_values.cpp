#include "option_values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "concurrency_models/origin_protocol.h"

namespace concurrency_models::bench {
namespace {

constexpr unsigned max_fibonacci = 50;
constexpr unsigned max_repeat = 1000;
constexpr unsigned max_workers = 10'000;
constexpr unsigned max_jobs = 1'000'000;
constexpr double max_deadline_s = 3600;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string plain(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

/// With commas between them; ascending and without repeats.
std::vector<unsigned> parse_numbers(std::string_view text, unsigned most) {
  std::vector<unsigned> numbers;
  for (const std::string_view part : split(text, ',')) {
    numbers.push_back(static_cast<unsigned>(parse_whole(part, 1, most)));
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

/// Digits with at most one point among them, then perhaps an exponent. strtod alone would also take
/// blanks, signs, hexadecimal numbers, "nan" and "inf".
bool is_decimal(std::string_view text) {
  const std::size_t exponent = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, exponent);
  const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
  if (std::none_of(mantissa.begin(), mantissa.end(), is_digit)) return false;
  if (std::count(mantissa.begin(), mantissa.end(), '.') > 1) return false;
  if (!std::all_of(mantissa.begin(), mantissa.end(),
                   [&](char c) { return c == '.' || is_digit(static_cast<unsigned char>(c)); })) {
    return false;
  }
  if (exponent == std::string_view::npos) return true;
  std::string_view power = text.substr(exponent + 1);
  if (power.starts_with('+') || power.starts_with('-')) power.remove_prefix(1);
  return !power.empty() && std::all_of(power.begin(), power.end(), is_digit);
}

}  // namespace

std::uint64_t parse_whole(std::string_view text, std::uint64_t low, std::uint64_t high) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || value < low || value > high) {
    throw std::invalid_argument("must be a whole number from " + std::to_string(low) + " to " +
                                std::to_string(high));
  }
  return value;
}

double parse_decimal(std::string_view text, double low, double high) {
  const std::string terminated(text);
  const double value = is_decimal(text) ? std::strtod(terminated.c_str(), nullptr) : std::nan("");
  if (!std::isfinite(value) || value < low || value > high) {
    throw std::invalid_argument("must be a number from " + plain(low) + " to " + plain(high));
  }
  return value;
}

bool parse_switch(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  static constexpr std::array<std::string_view, 5> on = {"true", "yes", "on", "1", "t"};
  static constexpr std::array<std::string_view, 5> off = {"false", "no", "off", "0", "f"};
  if (lower == "y" || std::find(on.begin(), on.end(), lower) != on.end()) return true;
  if (lower == "n" || std::find(off.begin(), off.end(), lower) != off.end()) return false;
  throw std::invalid_argument("must be true or false");
}

std::size_t parse_choice(std::string_view text, const std::vector<std::string_view>& choices) {
  const auto found = std::find(choices.begin(), choices.end(), text);
  if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  std::string all;
  for (const std::string_view choice : choices) {
    if (!all.empty()) all += choice == choices.back() ? " or " : ", ";
    all += choice;
  }
  throw std::invalid_argument("must be " + all);
}

FibonacciRange parse_fibonacci(std::string_view text) try {
  const std::vector<std::string_view> parts = split(text, ':');
  if (parts.size() != 3) throw std::invalid_argument("not three parts");
  FibonacciRange range;
  range.high = static_cast<unsigned>(parse_whole(parts[1], 1, max_fibonacci));
  range.low = static_cast<unsigned>(parse_whole(parts[0], 1, range.high));
  range.repeat = static_cast<unsigned>(parse_whole(parts[2], 1, max_repeat));
  return range;
} catch (const std::invalid_argument&) {
  throw std::invalid_argument(
      "must be LOW:HIGH:REPEAT, for instance 32:38:3, with LOW from 1 to HIGH, HIGH at most " +
      std::to_string(max_fibonacci) + " and REPEAT from 1 to " + std::to_string(max_repeat));
}

std::vector<unsigned> parse_workers(std::string_view text) try {
  return parse_numbers(text, max_workers);
} catch (const std::invalid_argument&) {
  throw std::invalid_argument("must be whole numbers from 1 to " + std::to_string(max_workers) +
                              " with commas between them, for instance 1,2,8");
}

std::vector<unsigned> parse_jobs(std::string_view text) try {
  if (text == "decades") return {};
  return parse_numbers(text, max_jobs);
} catch (const std::invalid_argument&) {
  throw std::invalid_argument("must be decades, or whole numbers from 1 to " +
                              std::to_string(max_jobs) +
                              " with commas between them, for instance 100,1000");
}

std::chrono::microseconds parse_latency(std::string_view text) {
  const double most = std::chrono::duration<double>(max_origin_delay).count();
  return std::chrono::round<std::chrono::microseconds>(
      std::chrono::duration<double>(parse_decimal(text, 0, most)));
}

std::chrono::nanoseconds parse_deadline(std::string_view text) try {
  const std::chrono::duration<double> seconds(parse_decimal(text, 0, max_deadline_s));
  const auto deadline = std::chrono::round<std::chrono::nanoseconds>(seconds);
  if (deadline.count() == 0) throw std::invalid_argument("zero");
  return deadline;
} catch (const std::invalid_argument&) {
  throw std::invalid_argument("must be a number of seconds above 0 and at most " +
                              plain(max_deadline_s));
}

std::vector<std::string> parse_names(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string_view part : split(text, ',')) {
    if (part.empty()) throw std::invalid_argument("must be names with commas between them");
    names.emplace_back(part);
  }
  return names;
}

std::map<std::string, std::string> parse_pairs(std::string_view text) {
  std::map<std::string, std::string> pairs;
  for (const std::string_view part : split(text, ',')) {
    const std::vector<std::string_view> sides = split(part, '=');
    if (sides.size() != 2 || sides[0].empty() ||
        !pairs.emplace(std::string(sides[0]), std::string(sides[1])).second) {
      throw std::invalid_argument("must be KEY=VALUE,KEY=VALUE with no key twice");
    }
  }
  return pairs;
}

}  // namespace concurrency_models::bench
