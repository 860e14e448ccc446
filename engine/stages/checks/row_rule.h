#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "stages/check.h"
#include "stages/checks/frame.h"

namespace engine::stages {

/// One batch in front of a rule. The rule appends the numbers of rows that break it to `failing`,
/// in any order and more than once if it likes, without a look at `where`: the caller keeps those
/// that count. Rows that cannot be judged go to `errors`.
struct Judging {
  const CheckFrame& frame;
  const data::Batch& batch;
  std::vector<std::uint32_t>& failing;
  std::vector<data::RowError>& errors;

  const data::Column& column(std::size_t index = 0) const {
    return batch.column(frame.columns[index]);
  }
  void fail(std::size_t row) const { failing.push_back(static_cast<std::uint32_t>(row)); }
};

/// A rule that judges each row by itself. A NULL is skipped by all rules but not_null.
class RowRule {
 public:
  virtual ~RowRule() = default;
  virtual void judge(const Judging& rows) = 0;
  /// A cell that is no value of its column's type breaks the rule (else the check cannot be
  /// evaluated).
  virtual bool fails_unreadable() const { return false; }
};

std::unique_ptr<Check> make_row_check(std::shared_ptr<const CheckFrame> frame,
                                      std::unique_ptr<RowRule> rule);

/// Calls `breaks(row)` for every row whose cell is not NULL and notes those for which it is true.
template <typename Breaks>
void judge_values(const Judging& rows, Breaks breaks) {
  const data::Column& column = rows.column();
  if (column.null_count() == 0) {
    for (std::size_t row = 0; row < column.size(); ++row) {
      if (breaks(row)) rows.fail(row);
    }
    return;
  }
  for (std::size_t row = 0; row < column.size(); ++row) {
    if (!column.is_null(row) && breaks(row)) rows.fail(row);
  }
}

}  // namespace engine::stages
