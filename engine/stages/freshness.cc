#include "stages/freshness.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/text.h"
#include "data/value.h"
#include "data/value_text.h"
#include "expr/time_zone.h"

namespace engine::stages {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

/// "45s 12m 3h02 31h 12d"
std::string age_text(std::int64_t us) {
  if (us < kMinute) return fmt::format("{}s", us / kSecond);
  if (us < kHour) return fmt::format("{}m", us / kMinute);
  if (us < 10 * kHour) return fmt::format("{}h{:02}", us / kHour, us % kHour / kMinute);
  if (us < 4 * kDay) return fmt::format("{}h", us / kHour);
  return fmt::format("{}d", us / kDay);
}

/// Limits in hours stay in hours ("24h"), as people write them.
std::string limit_text(const char* name, std::int64_t us) {
  const bool hours = us % kHour == 0 && us < 4 * kDay;
  return std::string(name) + " " +
         (hours ? fmt::format("{}h", us / kHour) : base::duration_text(us));
}

/// An integer is an epoch in the one unit that puts it into the years 1990 to 2100.
std::optional<std::int64_t> epoch_us(std::int64_t number) {
  constexpr std::int64_t kFrom = 631'152'000;
  constexpr std::int64_t kTo = 4'102'444'800;
  for (const std::int64_t unit : {std::int64_t{1}, std::int64_t{1000}, std::int64_t{1'000'000}}) {
    if (number >= kFrom * unit && number < kTo * unit) return number * (kSecond / unit);
  }
  return std::nullopt;
}

/// The instant that a value means, or why it means none.
struct Moment {
  std::optional<std::int64_t> us;
  std::string problem;
};

Moment local_moment(std::int64_t local_us, const std::string& zone_name) {
  const auto zone = expr::TimeZone::find(zone_name);
  if (zone == nullptr) return {std::nullopt, "there is no time zone " + base::quoted(zone_name)};
  return {zone->cursor()->to_instant(local_us, expr::Dst::kEarlier), "the local time is unknown"};
}

Moment moment_of(const std::string& text, const plan::Freshness& rule) {
  if (const auto number = data::parse_int64(text)) {
    const std::string problem =
        text + " is an epoch in no unit that gives a year from 1990 to 2100";
    return {epoch_us(*number), problem};
  }
  const auto time = data::parse_timestamp(text);
  if (!time) return {std::nullopt, base::quoted(text) + " is no time"};
  if (time->zoned) return {time->us, {}};
  return local_moment(time->us, rule.timezone);
}

struct Limit {
  Status status = Status::kPass;
  std::string text;
};

/// The first limit that the age breaks.
Limit broken_limit(const plan::Freshness& rule, std::int64_t age) {
  if (rule.max_future_us && -age > *rule.max_future_us) {
    return {Status::kFail, limit_text("max_future", *rule.max_future_us)};
  }
  if (rule.error_after_us && age > *rule.error_after_us) {
    return {Status::kFail, limit_text("error_after", *rule.error_after_us)};
  }
  if (rule.warn_after_us && age > *rule.warn_after_us) {
    return {Status::kWarn, limit_text("warn_after", *rule.warn_after_us)};
  }
  return {};
}

void judge_age(const plan::Freshness& rule, std::int64_t age, FreshnessResult& result) {
  const Limit broken = broken_limit(rule, age);
  result.age_us = age;
  result.status = broken.status;
  result.limit = broken.text;
  result.detail = age < 0 ? age_text(-age) + " ahead" : age_text(age);
  if (broken.status == Status::kPass) {
    result.detail += " ok";
  } else {
    const char* word = broken.status == Status::kFail ? " FAIL (" : " WARN (";
    result.detail += word + broken.text + ")";
  }
}

void judge_empty(const plan::Freshness& rule, FreshnessResult& result) {
  result.limit = "on_empty " + rule.on_empty;
  if (rule.on_empty == "pass") {
    result.detail = "no value, ok";
    return;
  }
  const bool warns = rule.on_empty == "warn";
  result.status = warns ? Status::kWarn : Status::kFail;
  result.detail = std::string("no value ") + (warns ? "WARN" : "FAIL") + " (" + result.limit + ")";
}

bool is_newer(const data::Column& column, std::size_t row, const data::Value& best) {
  switch (column.type().kind) {
    case data::Kind::kInt64:
    case data::Kind::kTimestamp:
      return column.int64_at(row) > best.integer;
    case data::Kind::kDate:
      return column.date_at(row) > best.integer;
    case data::Kind::kText:
      return column.bytes_at(row) > best.bytes;
    default:
      return data::compare(data::value_at(column, row), best) > 0;
  }
}

}  // namespace

FreshnessResult judge_freshness(const std::string& table, const plan::Freshness& rule,
                                const std::optional<std::string>& newest, std::int64_t now_us) {
  FreshnessResult result;
  result.table = table;
  result.span = rule.span;
  if (!newest) {
    judge_empty(rule, result);
    return result;
  }
  const Moment moment = moment_of(*newest, rule);
  if (moment.us) {
    judge_age(rule, now_us - *moment.us, result);
  } else {
    result.status = Status::kError;
    result.detail = "ERROR " + moment.problem;
  }
  return result;
}

void NewestValue::observe(const data::Batch& batch) {
  const data::Column& column = batch.column(column_);
  bool changed = false;
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (column.is_null(row) || (best_ && !is_newer(column, row, *best_))) continue;
    best_ = data::value_at(column, row);
    changed = true;
  }
  if (changed) newest_ = data::value_text(*best_);
}

}  // namespace engine::stages
