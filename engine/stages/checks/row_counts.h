#pragma once

#include <memory>

#include "stages/checks/binder.h"

namespace engine::stages {

/// A number that a fact of the run gives, or the reason why there is none.
struct CountedRows {
  std::optional<std::int64_t> rows;
  std::string missing;
};

/// The rows of the check's own stage and scope: source (run: read; table: the source's table),
/// staged (run: staged; table: the image the target would have), published (run: this run's keys
/// found in the target; table: the target's rows).
CountedRows rows_of(const CheckFrame& frame, const Facts& facts);

/// What a check over counts says at the end.
class CountRule {
 public:
  virtual ~CountRule() = default;
  /// `own` are the rows of the check's stage and scope, counted through `where` when there is one.
  virtual CheckResult judge(const CheckFrame& frame, std::int64_t own,
                            const Facts& facts) const = 0;
};

std::unique_ptr<Check> make_count_check(std::shared_ptr<const CheckFrame> frame,
                                        std::shared_ptr<const CountRule> rule);

}  // namespace engine::stages
