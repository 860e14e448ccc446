#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace engine::expr {

/// The rule by which a zone changes its clock in years that its list of changes no longer holds
/// (POSIX.1, the TZ variable; RFC 8536 section 3.3): "CET-1CEST,M3.5.0,M10.5.0/3". Times are
/// seconds since 1970, in UTC or local as named.
class YearlyRule {
 public:
  /// nullopt when the text has no summer time, or tells its days in another form than
  /// month.week.day.
  static std::optional<YearlyRule> parse(std::string_view text);

  /// Seconds to add to UTC at an instant.
  std::int64_t offset_at(std::int64_t utc) const;
  std::int64_t standard_offset() const { return standard_; }
  std::int64_t summer_offset() const { return summer_; }

 private:
  struct Change {
    int month = 1;
    int week = 1;     ///< 5: the last one
    int weekday = 0;  ///< 0: Sunday
    std::int64_t time = 7200;
  };
  friend class RuleReader;
  static std::int64_t local_seconds(const Change& change, int year);

  std::int64_t standard_ = 0;
  std::int64_t summer_ = 0;
  Change to_summer_;
  Change to_standard_;
};

}  // namespace engine::expr
