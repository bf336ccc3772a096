#pragma once

#include <functional>
#include <string>

#include "cli_forward.h"

namespace concurrency_models::bench {

/// "--workers: '2,x': must be …", on one line whatever `value` holds.
[[nodiscard]] std::string bad_value(const std::string& option, const std::string& value,
                                    const std::string& reason);

/// An option with one value; of several the last counts. `handle` is given the text and throws
/// std::invalid_argument, saying what is accepted, which becomes a UsageError.
CLI::Option* add_value(CLI::App& app, const std::string& name, const std::string& type,
                       const std::string& description,
                       const std::function<void(const std::string&)>& handle);

/// What was given to a switch. Throws UsageError that names it unless that is true or false.
[[nodiscard]] bool switch_value(const std::string& option, const std::string& text);

/// Parses. Throws UsageError for what is no option of `app` or lacks its value, CLI::CallForHelp if
/// help is asked for.
void parse_command_line(CLI::App& app, int argc, const char* const* argv);

}  // namespace concurrency_models::bench
