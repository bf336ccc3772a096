#include "selection.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "concurrency_models/standard_workloads.h"
#include "usage_error.h"

namespace concurrency_models::bench {
namespace {

std::vector<std::string> names(const std::vector<ExecutionModel>& models) {
  std::vector<std::string> all;
  all.reserve(models.size());
  for (const ExecutionModel& model : models) all.push_back(model.name);
  return all;
}

std::vector<std::string> names(std::span<const ExecutionModel> models) {
  return names(std::vector(models.begin(), models.end()));
}

ExecutionModel named(const std::string& name) {
  ExecutionModel model;
  model.name = name;
  return model;
}

std::string complaint(const std::string& models, const std::string& workloads) {
  try {
    static_cast<void>(select_models(parse_selection(models), {}));
    static_cast<void>(select_workloads(parse_selection(workloads)));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST(SelectionTest, TakesTheStandardOnesUnlessToldOtherwise) {
  EXPECT_EQ(names(select_models({}, {})), names(standard_models()));
  EXPECT_EQ(select_workloads({}),
            (std::vector<std::string_view>{"io", "cpu", "mixed", "blocking"}));
  EXPECT_EQ(names(select_models(parse_selection("standard"), {})), names(standard_models()));
}

TEST(SelectionTest, TakesAll) {
  const Selection all = parse_selection("all");
  EXPECT_EQ(names(select_models(all, {})), names(all_models()));
  EXPECT_EQ(select_workloads(all).size(), all_workload_names().size());
  EXPECT_GT(all_models().size(), standard_models().size());
}

TEST(SelectionTest, TakesThoseListedInTheTablesOrder) {
  const auto models = select_models(parse_selection("callbacks,async,async"), {});
  EXPECT_EQ(names(models), (std::vector<std::string>{"async", "callbacks"}));
  EXPECT_EQ(select_workloads(parse_selection("convoy,io")),
            (std::vector<std::string_view>{"io", "convoy"}));
  EXPECT_EQ(select_workloads(parse_selection("cpu")), (std::vector<std::string_view>{"cpu"}));
}

TEST(SelectionTest, AModelOfOnesOwnJoinsTheOthers) {
  const std::vector<ExecutionModel> own = {named("mine")};
  EXPECT_EQ(names(select_models({}, own)).back(), "mine");
  EXPECT_EQ(select_models({}, own).size(), standard_models().size() + 1);
  EXPECT_EQ(select_models(parse_selection("all"), own).size(), all_models().size() + 1);
  EXPECT_EQ(names(select_models(parse_selection("mine,threads"), own)),
            (std::vector<std::string>{"threads", "mine"}));
  EXPECT_EQ(names(select_models(parse_selection("threads"), own)),
            (std::vector<std::string>{"threads"}));
}

TEST(SelectionTest, OneOfTheLibrarysOthersMayBeAmongTheStandardOnesAndIsThereOnce) {
  const std::vector<ExecutionModel> own = {all_models().back()};
  EXPECT_EQ(names(select_models({}, own)).back(), all_models().back().name);
  EXPECT_EQ(select_models({}, own).size(), standard_models().size() + 1);
  EXPECT_EQ(names(select_models(parse_selection("all"), own)), names(all_models()));
}

TEST(SelectionTest, AModelOfOnesOwnNeedsANameOfItsOwn) {
  for (const char* const name : {"", "sequential", "callbacks", "Mine", "my model", "a/b"}) {
    const std::vector<ExecutionModel> own = {named(name)};
    EXPECT_THROW(static_cast<void>(select_models({}, own)), std::invalid_argument) << name;
  }
  const std::vector<ExecutionModel> twins = {named("mine"), named("mine")};
  EXPECT_THROW(static_cast<void>(select_models({}, twins)), std::invalid_argument);
}

TEST(SelectionTest, ANameThatIsNoneIsAnErrorThatListsThoseThereAre) {
  EXPECT_EQ(complaint("all", "io,disc")
                .find("--workloads: 'disc': must be standard, all, or some "
                      "of io, cpu, mixed, blocking, disk"),
            0U);
  EXPECT_EQ(complaint("asink", "all")
                .find("--models: 'asink': must be standard, all, or some of "
                      "sequential, threads"),
            0U);
}

TEST(SelectionTest, AnEmptyNameIsNone) {
  for (const char* const text : {"", ",", "io,", ",io"}) {
    EXPECT_THROW(static_cast<void>(parse_selection(text)), std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace concurrency_models::bench
