#include <cmath>

#include "base/text.h"
#include "stages/checks/builtin.h"
#include "stages/checks/row_counts.h"

namespace engine::stages {

namespace {

/// As many rows here as in the source. Scope run: the rows that were read against those that
/// reached the comparison (stage staged) or are found in the target by this run's keys (published);
/// rows that `dedupe` dropped count on both sides. Scope table: the source's rows under the same
/// filter against the target's image.
class RowCountMatch : public CountRule {
 public:
  explicit RowCountMatch(std::optional<plan::Cap> tolerance) : tolerance_(std::move(tolerance)) {}

  CheckResult judge(const CheckFrame& frame, std::int64_t own, const Facts& facts) const override {
    const bool run = frame.scope == plan::CheckScope::kRun;
    const auto& source = run ? facts.source_rows : facts.source_table_rows;
    if (!source) return error_result(frame, "the rows of the source were not counted");
    const std::int64_t deduped = run ? facts.deduped_rows : 0;
    const std::int64_t here = own + deduped + facts.deleting_rows;
    const std::int64_t difference = std::abs(*source - here);
    const std::int64_t failed = difference <= allowed(*source) ? 0 : difference;
    return judged_result(frame, *source, failed,
                         detail(*source, own, deduped, facts.deleting_rows));
  }

 private:
  std::int64_t allowed(std::int64_t source) const {
    if (!tolerance_) return 0;
    if (!tolerance_->relative) return tolerance_->count;
    return static_cast<std::int64_t>(std::floor(tolerance_->ratio * static_cast<double>(source)));
  }

  static std::string detail(std::int64_t source, std::int64_t own, std::int64_t deduped,
                            std::int64_t deleting) {
    std::string text = "source " + std::to_string(source) + ", target " + std::to_string(own);
    if (deduped > 0) text += ", deduped " + std::to_string(deduped);
    if (deleting > 0) text += ", deletes " + std::to_string(deleting);
    return text;
  }

  std::optional<plan::Cap> tolerance_;
};

bool fits_together(CheckBinder& binder) {
  if (binder.check().stage == plan::CheckStage::kSource) {
    binder.error("E118", binder.check().span,
                 "row_count_match compares with the source, so it cannot be judged at stage source",
                 "use row_count for the source's own rows");
    return false;
  }
  if (binder.check().where) {
    binder.error(
        "E118", binder.check().where->text->span,
        "row_count_match takes no 'where': the source's rows are counted by its own filter",
        "use row_count with 'where'");
    return false;
  }
  const auto with = binder.text("with");
  if (!with || *with == "source") return true;
  binder.error("E104", binder.option("with")->text.span,
               "row_count_match: with is " + base::quoted(*with) + ", only source is known");
  return false;
}

}  // namespace

std::optional<KindBinding> bind_row_count_match(CheckBinder& binder) {
  const plan::OptionValue* given = binder.option("tolerance");
  const auto tolerance = binder.amount("tolerance");
  if (!fits_together(binder) || (given != nullptr && !tolerance)) return std::nullopt;
  KindBinding binding;
  binding.arguments = "source";
  binding.phrase = {"missing or too many", "missing or too many"};
  auto rule = std::make_shared<const RowCountMatch>(tolerance);
  binding.make = [rule](std::shared_ptr<const CheckFrame> frame, const CheckRuntime&) {
    return make_count_check(std::move(frame), rule);
  };
  return binding;
}

}  // namespace engine::stages
