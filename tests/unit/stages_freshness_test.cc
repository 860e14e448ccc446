#include "stages/freshness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/value_text.h"
#include "unit/support/stage_rows.h"

namespace engine::stages {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kHour = 3'600'000'000;

std::int64_t at(const char* text) {
  return data::parse_timestamp(text)->us;
}
const std::int64_t kNow = at("2024-03-10T12:00:00Z");

plan::Freshness rule() {
  plan::Freshness made;
  made.warn_after_us = 6 * kHour;
  made.error_after_us = 24 * kHour;
  return made;
}

FreshnessResult judge(const plan::Freshness& how, const std::optional<std::string>& newest) {
  return judge_freshness("t", how, newest, kNow);
}

TEST(Freshness, FreshStaleAndTooOld) {
  const FreshnessResult fresh = judge(rule(), "2024-03-10T08:58:00Z");
  EXPECT_EQ(fresh.status, Status::kPass);
  EXPECT_EQ(fresh.detail, "3h02 ok");
  EXPECT_EQ(fresh.age_us, 3 * kHour + 120'000'000);
  const FreshnessResult stale = judge(rule(), "2024-03-10 02:00:00");
  EXPECT_EQ(stale.status, Status::kWarn);
  EXPECT_EQ(stale.detail, "10h WARN (warn_after 6h)");
  const FreshnessResult old = judge(rule(), "2024-03-09T05:00:00Z");
  EXPECT_EQ(old.status, Status::kFail);
  EXPECT_EQ(old.detail, "31h FAIL (error_after 24h)");
  EXPECT_EQ(old.limit, "error_after 24h");
}

TEST(Freshness, ALimitItselfIsStillFresh) {
  EXPECT_EQ(judge(rule(), "2024-03-10T06:00:00Z").status, Status::kPass);
  EXPECT_EQ(judge(rule(), "2024-03-10T05:59:59Z").status, Status::kWarn);
}

TEST(Freshness, NaiveTimesAreOfTheRulesZone) {
  plan::Freshness how = rule();
  how.timezone = "America/New_York";
  EXPECT_EQ(judge(how, "2024-03-10T08:00:00").age_us, 0);
  how.timezone = "Nowhere/Atall";
  const FreshnessResult unknown = judge(how, "2024-03-10T08:00:00");
  EXPECT_EQ(unknown.status, Status::kError);
  EXPECT_THAT(unknown.detail, HasSubstr("Nowhere/Atall"));
}

TEST(Freshness, NumbersAreEpochsOnlyWithoutDoubt) {
  const std::int64_t second = kNow / 1'000'000;
  EXPECT_EQ(judge(rule(), std::to_string(second)).age_us, 0);
  EXPECT_EQ(judge(rule(), std::to_string(second * 1000)).age_us, 0);
  EXPECT_EQ(judge(rule(), std::to_string(second * 1'000'000)).age_us, 0);
  EXPECT_EQ(judge(rule(), "20240310").status, Status::kError);
  EXPECT_EQ(judge(rule(), "yesterday").status, Status::kError);
}

TEST(Freshness, EmptyTablesAndTheFuture) {
  plan::Freshness how = rule();
  EXPECT_EQ(judge(how, std::nullopt).status, Status::kFail);
  how.on_empty = "warn";
  EXPECT_EQ(judge(how, std::nullopt).status, Status::kWarn);
  how.on_empty = "pass";
  EXPECT_EQ(judge(how, std::nullopt).status, Status::kPass);
  const FreshnessResult ahead = judge(how, "2024-03-10T12:10:00Z");
  EXPECT_EQ(ahead.status, Status::kPass);
  EXPECT_EQ(ahead.detail, "10m ahead ok");
  how.max_future_us = kHour / 12;
  EXPECT_EQ(judge(how, "2024-03-10T12:10:00Z").detail, "10m ahead FAIL (max_future 5m)");
}

TEST(NewestValue, FollowsTheNewestOfEachType) {
  const struct {
    const char* type;
    test::Cells first, second;
    const char* newest;
  } cases[] = {
      {"timestamp",
       {{"2024-01-01T00:00:00Z"}, {test::kNull}},
       {{"2023-01-01T00:00:00Z"}},
       "2024-01-01T00:00:00Z"},
      {"date", {{"2024-01-01"}}, {{"2024-01-02"}}, "2024-01-02"},
      {"text", {{"2024-01-01 10:00"}}, {{"2024-01-01 09:00"}}, "2024-01-01 10:00"},
      {"int64", {{"5"}}, {{"7"}}, "7"},
      {"decimal(10,2)", {{"5.00"}}, {{"-7.00"}}, "5.00"},
  };
  for (const auto& each : cases) {
    const auto columns = test::schema(std::string("at ") + each.type);
    NewestValue newest(0);
    EXPECT_EQ(newest.text(), std::nullopt);
    newest.observe(test::batch(columns, each.first));
    newest.observe(test::batch(columns, each.second));
    EXPECT_EQ(newest.text(), each.newest) << each.type;
  }
}

plan::Cap share(double ratio) {
  return {.relative = true, .ratio = ratio, .count = 0, .text = {}};
}
plan::Cap count(std::int64_t rows) {
  return {.relative = false, .ratio = 0, .count = rows, .text = {}};
}

TEST(Guards, SharesAndCounts) {
  plan::Guard guard;
  guard.max_delete = count(0);
  guard.max_update = share(0.05);
  guard.max_insert = count(10);
  guard.min_source_rows = share(0.5);
  GuardFacts facts{.inserted = 11,
                   .updated = 10,
                   .deleted = 0,
                   .target_before = 10000,
                   .source_rows = 997,
                   .last_source_rows = 1000};
  const auto results = judge_guards("t", guard, facts);
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(results[0].detail, "delete 0 of 0 ok");
  EXPECT_EQ(results[1].detail, "update 0.10 % of 5 % ok");
  EXPECT_EQ(results[2].detail, "insert 11 of 10 FAIL (max_insert)");
  EXPECT_EQ(results[2].status, Status::kFail);
  EXPECT_EQ(results[3].detail, "source rows 99.7 % of last run ok");
}

TEST(Guards, WithoutABaseNothingIsJudged) {
  plan::Guard guard;
  guard.max_update = share(0.05);
  guard.min_source_rows = share(0.5);
  const auto results = judge_guards("t", guard, GuardFacts());
  ASSERT_EQ(results.size(), 2U);
  for (const GuardResult& result : results) {
    EXPECT_EQ(result.status, Status::kSkipped);
    EXPECT_THAT(result.detail, HasSubstr("NO BASE"));
  }
}

}  // namespace
}  // namespace engine::stages
