#include <algorithm>
#include <cmath>

#include "stages/checks/builtin.h"
#include "stages/checks/row_counts.h"

namespace engine::stages {

namespace {

struct Wanted {
  std::optional<plan::Cap> equals;
  std::optional<plan::Cap> min;
  std::optional<plan::Cap> max;

  bool relative() const {
    return (equals && equals->relative) || (min && min->relative) || (max && max->relative);
  }
};

/// What a bound asks for: a ratio is a share of the last run's rows.
double rows_wanted(const plan::Cap& cap, const Facts& facts) {
  if (!cap.relative) return static_cast<double>(cap.count);
  return cap.ratio * static_cast<double>(*facts.last_run_rows);
}

std::string rows_text(const plan::Cap& cap, const Facts& facts) {
  if (!cap.relative) return std::to_string(cap.count);
  return std::to_string(std::llround(rows_wanted(cap, facts))) + " (a share of the last run's " +
         std::to_string(*facts.last_run_rows) + ")";
}

class RowCount : public CountRule {
 public:
  explicit RowCount(Wanted wanted) : wanted_(std::move(wanted)) {}

  CheckResult judge(const CheckFrame& frame, std::int64_t own, const Facts& facts) const override {
    if (wanted_.relative() && !facts.last_run_rows) {
      CheckResult result = blank_result(frame);
      result.status = Status::kSkipped;
      result.detail = "no earlier run to compare with";
      return result;
    }
    const auto rows = static_cast<double>(own);
    double off = 0;
    if (wanted_.equals) off = std::abs(rows - std::round(rows_wanted(*wanted_.equals, facts)));
    if (wanted_.min) off = std::max(off, std::ceil(rows_wanted(*wanted_.min, facts)) - rows);
    if (wanted_.max) off = std::max(off, rows - std::floor(rows_wanted(*wanted_.max, facts)));
    return judged_result(frame, own, static_cast<std::int64_t>(off),
                         "expected " + expected(facts) + ", found " + std::to_string(own));
  }

 private:
  std::string expected(const Facts& facts) const {
    if (wanted_.equals) return rows_text(*wanted_.equals, facts);
    std::string text;
    if (wanted_.min) text = "at least " + rows_text(*wanted_.min, facts);
    if (wanted_.max)
      text += (text.empty() ? "" : " and ") + ("at most " + rows_text(*wanted_.max, facts));
    return text;
  }

  Wanted wanted_;
};

bool read_amount(CheckBinder& binder, const std::string& name, std::optional<plan::Cap>& amount) {
  const plan::OptionValue* given = binder.option(name);
  if (given == nullptr || given->unknown) return given == nullptr;
  amount = binder.amount(name);
  return amount.has_value();
}

}  // namespace

std::optional<KindBinding> bind_row_count(CheckBinder& binder) {
  Wanted wanted;
  const bool equals_read = read_amount(binder, "equals", wanted.equals);
  const bool min_read = read_amount(binder, "min", wanted.min);
  const bool max_read = read_amount(binder, "max", wanted.max);
  if (!equals_read || !min_read || !max_read) return std::nullopt;
  if (!wanted.equals && !wanted.min && !wanted.max) {
    binder.error("E107", binder.check().span, "row_count: none of equals, min and max is given");
    return std::nullopt;
  }
  KindBinding binding;
  binding.phrase = {"too many or too few", "too many or too few"};
  auto rule = std::make_shared<const RowCount>(std::move(wanted));
  binding.make = [rule](std::shared_ptr<const CheckFrame> frame, const CheckRuntime&) {
    return make_count_check(std::move(frame), rule);
  };
  return binding;
}

}  // namespace engine::stages
