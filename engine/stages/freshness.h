#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "data/batch.h"
#include "data/value.h"
#include "plan/model.h"
#include "stages/check.h"

namespace engine::stages {

struct FreshnessResult {
  std::string table;
  Status status = Status::kPass;
  std::optional<std::int64_t> age_us;  ///< newest value to now; negative when it lies in the future
  std::string limit;                   ///< "error_after 24h"
  std::string detail;
  base::Span span;
};

/// Judges the newest value (as text, the column's type told) against a clock of the same moment. A
/// value that is no time is Status::kError; integers are taken as epoch seconds, milliseconds or
/// microseconds only when their size leaves no doubt.
FreshnessResult judge_freshness(const std::string& table, const plan::Freshness& rule,
                                const std::optional<std::string>& newest, std::int64_t now_us);

/// Follows the newest value of a column of the image (freshness of: target). Texts compare as
/// bytes, which is the order of time for ISO 8601 in one form.
class NewestValue {
 public:
  explicit NewestValue(std::size_t column) : column_(column) {}
  void observe(const data::Batch& batch);
  const std::optional<std::string>& text() const { return newest_; }

 private:
  std::size_t column_;
  std::optional<data::Value> best_;
  std::optional<std::string> newest_;
};

struct GuardResult {
  std::string table;
  std::string guard;  ///< "max_update"
  Status status = Status::kPass;
  std::string detail;  ///< "update 0.10 % of 5 % ok", "NO BASE"
  base::Span span;
};
struct GuardFacts {
  std::int64_t inserted = 0, updated = 0, deleted = 0;
  std::int64_t target_before = 0;
  std::int64_t source_rows = 0;
  std::optional<std::int64_t> last_source_rows;
};
std::vector<GuardResult> judge_guards(const std::string& table, const plan::Guard& guard,
                                      const GuardFacts& facts);

}  // namespace engine::stages
