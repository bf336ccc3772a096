#include "selection.h"

#include <algorithm>
#include <stdexcept>

#include "command_line.h"
#include "concurrency_models/standard_workloads.h"
#include "option_values.h"
#include "usage_error.h"

namespace concurrency_models::bench {
namespace {

std::string_view name_of(const ExecutionModel& model) { return model.name; }
std::string_view name_of(std::string_view name) { return name; }

/// Those of `all` that the selection lists.
template <class Named>
std::vector<Named> listed(const std::vector<Named>& all, const std::vector<std::string>& names,
                          const std::string& option) {
  for (const std::string& name : names) {
    const auto is_it = [&name](const Named& each) { return name_of(each) == name; };
    if (std::any_of(all.begin(), all.end(), is_it)) continue;
    std::string known;
    for (const Named& each : all) known.append(known.empty() ? "" : ", ").append(name_of(each));
    throw UsageError(bad_value(option, name, "must be standard, all, or some of " + known));
  }
  std::vector<Named> chosen;
  std::copy_if(all.begin(), all.end(), std::back_inserter(chosen), [&names](const Named& each) {
    return std::find(names.begin(), names.end(), name_of(each)) != names.end();
  });
  return chosen;
}

/// Names become parts of the cases' names, of filters and of JSON.
bool is_usable_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// A row of the library's table, perhaps for fewer workloads.
bool is_row(const ExecutionModel& model, const ExecutionModel& row) {
  using Function = WorkersUsed (*)(JobRun&, unsigned);
  const Function* const run = model.run.target<Function>();
  return model.name == row.name && run != nullptr && *run == *row.run.target<Function>();
}

}  // namespace

Selection parse_selection(std::string_view text) {
  if (text == "standard") return {.kind = Selection::Kind::standard, .names = {}};
  if (text == "all") return {.kind = Selection::Kind::all, .names = {}};
  return {.kind = Selection::Kind::listed, .names = parse_names(text)};
}

std::vector<ExecutionModel> select_models(const Selection& selection,
                                          std::span<const ExecutionModel> own) {
  const auto library =
      selection.kind == Selection::Kind::standard ? standard_models() : all_models();
  std::vector<ExecutionModel> models(library.begin(), library.end());
  for (const ExecutionModel& model : own) {
    const auto is_it = [&model](const ExecutionModel& each) { return each.name == model.name; };
    const auto taken = all_models();
    if (!is_usable_name(model.name)) {
      throw std::invalid_argument("the model '" + model.name +
                                  "' needs a name of lower-case letters, digits and _");
    }
    const auto row = std::find_if(taken.begin(), taken.end(), is_it);
    const bool is_among = std::any_of(models.begin(), models.end(), is_it);
    if (row != taken.end() && is_row(model, *row)) {
      if (!is_among) models.push_back(model);
      continue;
    }
    if (row != taken.end() || is_among) {
      throw std::invalid_argument("there is a model '" + model.name +
                                  "' already: choose another name");
    }
    models.push_back(model);
  }
  if (selection.kind != Selection::Kind::listed) return models;
  return listed(models, selection.names, "--models");
}

std::vector<std::string_view> select_workloads(const Selection& selection,
                                               const std::string& option) {
  const auto all = all_workload_names();
  if (selection.kind == Selection::Kind::standard) {
    const auto& standard = standard_workload_names();
    return {standard.begin(), standard.end()};
  }
  std::vector<std::string_view> names(all.begin(), all.end());
  if (selection.kind != Selection::Kind::listed) return names;
  return listed(names, selection.names, option);
}

}  // namespace concurrency_models::bench
