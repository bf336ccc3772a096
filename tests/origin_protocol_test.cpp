#include "concurrency_models/origin_protocol.h"

#include <gtest/gtest.h>

#include <cctype>
#include <set>
#include <string>

namespace concurrency_models {
namespace {

using namespace std::chrono_literals;

TEST(OriginHostsTest, AreTenFromFastAndSmallToSlowAndLarge) {
  const auto& hosts = origin_hosts();
  EXPECT_EQ(hosts.size(), 10U);
  EXPECT_EQ(hosts.front().name, "host01.origin.test");
  EXPECT_EQ(hosts.front().latency, 4ms);
  EXPECT_EQ(hosts.front().bytes, 1024U);
  EXPECT_EQ(hosts.back().name, "host10.origin.test");
  EXPECT_EQ(hosts.back().latency, 38ms);
  EXPECT_EQ(hosts.back().bytes, 65536U);
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    EXPECT_TRUE(names.insert(hosts[i].name).second);
    if (i == 0) continue;
    EXPECT_GT(hosts[i].latency, hosts[i - 1].latency);
    EXPECT_GE(hosts[i].bytes, hosts[i - 1].bytes);
  }
}

TEST(OriginTargetTest, CarriesDelayAndSize) {
  EXPECT_EQ(origin_target(4ms, 1024), "/?delay_us=4000&bytes=1024");
  EXPECT_EQ(origin_target(0us, 0), "/?delay_us=0&bytes=0");
  EXPECT_EQ(origin_target(max_origin_delay, max_origin_bytes),
            "/?delay_us=600000000&bytes=67108864");
}

TEST(OriginPatternTest, HasAPrimeLength) {
  const std::size_t size = origin_pattern().size();
  EXPECT_GT(size, 60'000U);
  for (std::size_t divisor = 2; divisor * divisor <= size; ++divisor) {
    ASSERT_NE(size % divisor, 0U) << divisor;
  }
}

TEST(OriginPatternTest, IsPrintable) {
  for (const char character : origin_pattern()) {
    ASSERT_TRUE(std::isprint(static_cast<unsigned char>(character)) != 0);
  }
}

TEST(OriginPatternTest, NoTwoStretchesAreAlike) {
  constexpr std::size_t length = 12;
  const std::string twice = std::string(origin_pattern()) + std::string(origin_pattern());
  std::set<std::string_view> stretches;
  for (std::size_t i = 0; i < origin_pattern().size(); ++i) {
    ASSERT_TRUE(stretches.insert(std::string_view(twice).substr(i, length)).second) << i;
  }
}

TEST(MatchesOriginPatternTest, TakesTheBodyInAnyParts) {
  const std::string pattern(origin_pattern());
  const std::string body = pattern + pattern + pattern.substr(0, 100);
  EXPECT_TRUE(matches_origin_pattern(0, body));
  EXPECT_TRUE(matches_origin_pattern(0, ""));
  EXPECT_TRUE(matches_origin_pattern(12345, ""));
  for (const std::size_t size : {1UL, 7UL, 4096UL, pattern.size() - 1, pattern.size() + 1}) {
    for (std::size_t offset = 0; offset < body.size(); offset += size) {
      ASSERT_TRUE(matches_origin_pattern(offset, std::string_view(body).substr(offset, size)))
          << size << " at " << offset;
    }
  }
}

TEST(MatchesOriginPatternTest, OffsetsMayBeVeryLarge) {
  const auto size = static_cast<std::uint64_t>(origin_pattern().size());
  const std::uint64_t far = size * 1'000'000'000'000U;
  EXPECT_TRUE(matches_origin_pattern(far + 5, origin_pattern().substr(5, 1000)));
  EXPECT_FALSE(matches_origin_pattern(far + 6, origin_pattern().substr(5, 1000)));
}

TEST(MatchesOriginPatternTest, SeesOneWrongCharacterAnywhere) {
  const std::string right = std::string(origin_pattern()) + std::string(origin_pattern());
  for (const std::size_t position :
       {std::size_t{0}, std::size_t{1}, origin_pattern().size() - 1, origin_pattern().size(),
        origin_pattern().size() + 1, right.size() - 1}) {
    std::string wrong = right;
    wrong[position] ^= 1;
    EXPECT_FALSE(matches_origin_pattern(0, wrong)) << position;
  }
}

TEST(MatchesOriginPatternTest, SeesAPartThatIsMissingDoubledOrMoved) {
  const std::string right(origin_pattern());
  std::string missing = right;
  missing.erase(1000, 16);
  EXPECT_FALSE(matches_origin_pattern(0, missing));
  std::string doubled = right;
  doubled.insert(1000, right.substr(1000, 16));
  EXPECT_FALSE(matches_origin_pattern(0, doubled));
  std::string swapped = right.substr(4096, 4096) + right.substr(0, 4096);
  EXPECT_FALSE(matches_origin_pattern(0, swapped));
  EXPECT_FALSE(matches_origin_pattern(1, right.substr(0, 8)));
}

}  // namespace
}  // namespace concurrency_models
