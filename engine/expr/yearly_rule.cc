#include "expr/yearly_rule.h"

#include <cstddef>

#include "data/value_text.h"

namespace engine::expr {
namespace {

constexpr std::int64_t kDay = 86'400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  std::optional<YearlyRule> run() {
    YearlyRule rule;
    std::int64_t west = 0;
    if (!name() || !time(west)) return std::nullopt;
    rule.standard_ = -west;
    rule.summer_ = rule.standard_ + 3600;
    if (!name()) return std::nullopt;
    if (peek() != ',') {
      if (!time(west)) return std::nullopt;
      rule.summer_ = -west;
    }
    if (!change(rule.to_summer_) || !change(rule.to_standard_) || at_ != text_.size()) {
      return std::nullopt;
    }
    return rule;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool accept(char c) { return peek() == c && ++at_ > 0; }

  bool name() {
    const std::size_t begin = at_;
    if (accept('<')) {
      const std::size_t end = text_.find('>', at_);
      at_ = end == std::string_view::npos ? text_.size() : end + 1;
      return end != std::string_view::npos;
    }
    while ((peek() | 0x20) >= 'a' && (peek() | 0x20) <= 'z') ++at_;
    return at_ > begin;
  }

  bool number(int& out) {
    const std::size_t begin = at_;
    out = 0;
    while (is_digit(peek()) && at_ - begin < 4) out = out * 10 + (text_[at_++] - '0');
    return at_ > begin;
  }

  bool time(std::int64_t& seconds) {
    const bool negative = accept('-');
    if (!negative) accept('+');
    int part = 0;
    if (!number(part)) return false;
    seconds = part * 3600;
    if (accept(':')) {
      if (!number(part)) return false;
      seconds += part * 60;
    }
    if (negative) seconds = -seconds;
    return true;
  }

  bool change(YearlyRule::Change& out) {
    const bool day = accept(',') && accept('M') && number(out.month) && accept('.') &&
                     number(out.week) && accept('.') && number(out.weekday);
    if (!day || out.month < 1 || out.month > 12 || out.week < 1 || out.week > 5 ||
        out.weekday > 6) {
      return false;
    }
    return !accept('/') || time(out.time);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<YearlyRule> YearlyRule::parse(std::string_view text) {
  return RuleReader(text).run();
}

std::int64_t YearlyRule::local_seconds(const Change& change, int year) {
  const std::int64_t first = data::days_from_civil(year, change.month, 1);
  const std::int64_t weekday = ((first + 4) % 7 + 7) % 7;  // day 0 was a Thursday
  std::int64_t day = first + (change.weekday - weekday + 7) % 7 + (change.week - 1) * 7;
  const bool december = change.month == 12;
  const std::int64_t next =
      data::days_from_civil(december ? year + 1 : year, december ? 1 : change.month + 1, 1);
  if (day >= next) day -= 7;
  return day * kDay + change.time;
}

std::int64_t YearlyRule::offset_at(std::int64_t utc) const {
  const auto days = static_cast<std::int32_t>(floor_divide(utc + standard_, kDay));
  const int year = data::civil_from_days(days).year;
  const std::int64_t start = local_seconds(to_summer_, year) - standard_;
  const std::int64_t end = local_seconds(to_standard_, year) - summer_;
  const bool summer = start < end ? utc >= start && utc < end : utc >= start || utc < end;
  return summer ? summer_ : standard_;
}

}  // namespace engine::expr
