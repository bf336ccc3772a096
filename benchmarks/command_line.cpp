#include "command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "one_line.h"
#include "option_values.h"
#include "usage_error.h"

namespace concurrency_models::bench {
namespace {

constexpr std::string_view google_prefix = "--benchmark_";

/// CLI11 would take the next argument for the value of "--benchmark_filter="; to Google Benchmark
/// that is an empty value, which is each such option's default.
bool is_empty_google_value(std::string_view argument) {
  return argument.starts_with(google_prefix) && argument.find('=') == argument.size() - 1;
}

std::string no_such_option(const CLI::App& app, const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  std::string text = bad_value("", name, "there is no such option; ");
  if (name.starts_with("--")) {
    const std::string longer = std::string(google_prefix) + name.substr(2);
    if (app.get_option_no_throw(longer) != nullptr) return text + "is it " + longer + "?";
  }
  return text + "see bench --help";
}

}  // namespace

std::string bad_value(const std::string& option, const std::string& value,
                      const std::string& reason) {
  return one_line((option.empty() ? "" : option + ": ") + '\'' + value + "': " + reason);
}

CLI::Option* add_value(CLI::App& app, const std::string& name, const std::string& type,
                       const std::string& description,
                       const std::function<void(const std::string&)>& handle) {
  const auto checked = [name, handle](const std::string& value) {
    try {
      handle(value);
    } catch (const std::invalid_argument& error) {
      throw UsageError(bad_value(name, value, error.what()));
    }
  };
  return app.add_option_function<std::string>(name, checked, description)
      ->type_name(type)
      ->take_last();
}

bool switch_value(const std::string& option, const std::string& text) {
  try {
    return parse_switch(text);
  } catch (const std::invalid_argument& error) {
    throw UsageError(bad_value(option, text, error.what()));
  }
}

void parse_command_line(CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  std::erase_if(arguments, is_empty_google_value);
  for (const std::string& argument : arguments) {
    if (argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      throw UsageError(argument.substr(0, argument.size() - 1) + ": needs a value");
    }
  }
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the end
  app.allow_extras();
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    throw;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    throw UsageError(text.substr(0, text.find(':')) + ": needs a value; see bench --help");
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + "; see bench --help");
  }
  if (const std::vector<std::string> rest = app.remaining(); !rest.empty()) {
    throw UsageError(no_such_option(app, rest.front()));
  }
}

}  // namespace concurrency_models::bench
