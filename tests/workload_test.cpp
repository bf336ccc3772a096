#include "concurrency_models/workload.h"

#include <gtest/gtest.h>

namespace concurrency_models {
namespace {

Fetch fetch(std::optional<std::uint64_t> bytes) {
  Fetch fetch;
  fetch.url = {.secure = true, .host = "host01.origin.test", .port = 4433, .target = "/?bytes=5"};
  fetch.expected_bytes = bytes;
  return fetch;
}

TEST(ExpectedOutcomeTest, OfARequest) {
  const ExpectedOutcome expected = expected_outcome({.request = fetch(100), .blocking = {}});
  EXPECT_EQ(expected.bytes, 100U);
  EXPECT_EQ(expected.number, 0U);
}

TEST(ExpectedOutcomeTest, OfANumber) {
  const ExpectedOutcome expected = expected_outcome({.request = {}, .blocking = Fibonacci{10}});
  EXPECT_EQ(expected.bytes, 0U);
  EXPECT_EQ(expected.number, 55U);
}

TEST(ExpectedOutcomeTest, OfARequestAndANumber) {
  const ExpectedOutcome expected =
      expected_outcome({.request = fetch(100), .blocking = Fibonacci{36}});
  EXPECT_EQ(expected.bytes, 100U);
  EXPECT_EQ(expected.number, 14'930'352U);
}

TEST(ExpectedOutcomeTest, AddsUpBothFetches) {
  EXPECT_EQ(expected_outcome({.request = fetch(100), .blocking = fetch(23)}).bytes, 123U);
  EXPECT_EQ(expected_outcome({.request = fetch(0), .blocking = fetch(0)}).bytes, 0U);
}

TEST(ExpectedOutcomeTest, IsUnknownIfEitherFetchIs) {
  EXPECT_EQ(expected_outcome({.request = fetch({}), .blocking = {}}).bytes, std::nullopt);
  EXPECT_EQ(expected_outcome({.request = fetch({}), .blocking = fetch(1)}).bytes, std::nullopt);
  EXPECT_EQ(expected_outcome({.request = fetch(1), .blocking = fetch({})}).bytes, std::nullopt);
  const ExpectedOutcome with_number =
      expected_outcome({.request = fetch({}), .blocking = Fibonacci{10}});
  EXPECT_EQ(with_number.bytes, std::nullopt);
  EXPECT_EQ(with_number.number, 55U);
}

TEST(DescribeTest, NamesBothHalves) {
  const std::string url = "https://host01.origin.test:4433/?bytes=5";
  EXPECT_EQ(describe({.request = fetch(1), .blocking = {}}), url);
  EXPECT_EQ(describe({.request = {}, .blocking = Fibonacci{36}}), "fibonacci(36)");
  EXPECT_EQ(describe({.request = fetch(1), .blocking = Fibonacci{36}}), url + " + fibonacci(36)");
  EXPECT_EQ(describe({.request = fetch(1), .blocking = fetch(1)}),
            url + " + " + url + " (blocking)");
}

TEST(OutcomeTest, EqualityLooksAtBothParts) {
  EXPECT_EQ((Outcome{.bytes = 1, .number = 2}), (Outcome{.bytes = 1, .number = 2}));
  EXPECT_NE((Outcome{.bytes = 1, .number = 2}), (Outcome{.bytes = 3, .number = 2}));
  EXPECT_NE((Outcome{.bytes = 1, .number = 2}), (Outcome{.bytes = 1, .number = 3}));
}

}  // namespace
}  // namespace concurrency_models
