#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "concurrency_models/standard_workloads.h"

/// Texts into values. Each function takes the whole text or throws std::invalid_argument, which
/// says what is accepted: no blanks, no signs, nothing after the value.
namespace concurrency_models::bench {

[[nodiscard]] std::uint64_t parse_whole(std::string_view text, std::uint64_t low,
                                        std::uint64_t high);

/// A decimal number such as 0.05 or 5e-2, from `low` to `high`.
[[nodiscard]] double parse_decimal(std::string_view text, double low, double high);

/// What Google Benchmark takes for a truth value, without its habit of taking all else for true.
[[nodiscard]] bool parse_switch(std::string_view text);

/// Index of `text` among `choices`.
[[nodiscard]] std::size_t parse_choice(std::string_view text,
                                       const std::vector<std::string_view>& choices);

/// "LOW:HIGH:REPEAT".
[[nodiscard]] FibonacciRange parse_fibonacci(std::string_view text);

/// "1,2,8": ascending and without repeats, whatever the order in the text.
[[nodiscard]] std::vector<unsigned> parse_workers(std::string_view text);

/// The same, or "decades", which is an empty list.
[[nodiscard]] std::vector<unsigned> parse_jobs(std::string_view text);

/// From 0 to what an origin waits at most.
[[nodiscard]] std::chrono::microseconds parse_latency(std::string_view text);

/// More than 0 seconds, at most an hour.
[[nodiscard]] std::chrono::nanoseconds parse_deadline(std::string_view text);

/// "name,name".
[[nodiscard]] std::vector<std::string> parse_names(std::string_view text);

/// "key=value,key=value".
[[nodiscard]] std::map<std::string, std::string> parse_pairs(std::string_view text);

}  // namespace concurrency_models::bench
