#include <gtest/gtest.h>

#include "expr/time_zone.h"
#include "expr/yearly_rule.h"

namespace engine::expr {
namespace {

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kHourUs = kHour * 1'000'000;

TEST(ExprZone, yearly_rules_are_read) {
  EXPECT_FALSE(YearlyRule::parse("UTC0").has_value());
  EXPECT_FALSE(YearlyRule::parse("EST5EDT,M3.2.0").has_value());
  EXPECT_FALSE(YearlyRule::parse("EST5EDT,J60,J300").has_value());
  const auto berlin = YearlyRule::parse("CET-1CEST,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(berlin.has_value());
  EXPECT_EQ(berlin->standard_offset(), kHour);
  EXPECT_EQ(berlin->summer_offset(), 2 * kHour);
  EXPECT_EQ(berlin->offset_at(1711846799), kHour);      // 2024-03-31T00:59:59Z
  EXPECT_EQ(berlin->offset_at(1711846800), 2 * kHour);  // 2024-03-31T01:00:00Z
  EXPECT_EQ(berlin->offset_at(1729990799), 2 * kHour);  // 2024-10-27T00:59:59Z
  EXPECT_EQ(berlin->offset_at(1729990800), kHour);
  const auto lord_howe = YearlyRule::parse("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");
  ASSERT_TRUE(lord_howe.has_value());
  EXPECT_EQ(lord_howe->offset_at(1704067200), 11 * kHour);  // January
  EXPECT_EQ(lord_howe->offset_at(1719792000), 10 * kHour + kHour / 2);
}

/// From 2030 to 2036 both ways of reckoning exist; they must agree hour by hour. The rule is used
/// by the cursor from 2037 on.
TEST(ExprZone, the_rule_continues_the_list) {
  struct Case {
    const char* zone;
    const char* rule;
  };
  for (const Case& test : {Case{"America/New_York", "EST5EDT,M3.2.0,M11.1.0"},
                           Case{"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"},
                           Case{"Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3"}}) {
    const auto zone = TimeZone::find(test.zone);
    const auto cursor = zone->cursor();
    const auto rule = YearlyRule::parse(test.rule);
    for (std::int64_t utc = 1893456000; utc < 2114380800; utc += 1800) {
      ASSERT_EQ(cursor->to_local(utc * 1'000'000), (utc + rule->offset_at(utc)) * 1'000'000)
          << test.zone << utc;
    }
  }
}

TEST(ExprZone, years_after_the_list_keep_their_clock_changes) {
  const auto zone = TimeZone::find("Europe/Berlin");
  const auto cursor = zone->cursor();
  const std::int64_t july = 10'429'430'400'000'000;  // 2300-07-01T00:00:00
  EXPECT_EQ(cursor->to_instant(july, Dst::kRefuse), july - 2 * kHourUs);
  int refused = 0;
  // 2050: one local hour is skipped and one repeated, half-hours at a time.
  for (std::int64_t local = 2'524'608'000; local < 2'556'144'000; local += 1800) {
    const auto instant = cursor->to_instant(local * 1'000'000, Dst::kRefuse);
    if (!instant) {
      ++refused;
      const auto earlier = cursor->to_instant(local * 1'000'000, Dst::kEarlier);
      const auto later = cursor->to_instant(local * 1'000'000, Dst::kLater);
      EXPECT_EQ(*later - *earlier, kHourUs);
    } else {
      EXPECT_EQ(cursor->to_local(*instant), local * 1'000'000);
    }
  }
  EXPECT_EQ(refused, 4);
}

TEST(ExprZone, unknown_zones_are_null) {
  EXPECT_EQ(TimeZone::find("Mars/Olympus"), nullptr);
  EXPECT_EQ(TimeZone::find(""), nullptr);
  EXPECT_EQ(TimeZone::find("../../etc/passwd"), nullptr);
}

}  // namespace
}  // namespace engine::expr
