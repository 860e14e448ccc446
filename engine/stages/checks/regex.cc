
#include "base/text.h"
#include "stages/checks/builtin.h"
#include "stages/checks/pattern.h"
#include "stages/checks/row_texts.h"

namespace engine::stages {

namespace {

/// The pattern is found somewhere in the text; `^` and `$` tie it to the ends.
class Matches : public RowRule {
 public:
  explicit Matches(std::shared_ptr<const Pattern> pattern) : pattern_(std::move(pattern)) {}

  void judge(const Judging& rows) override {
    judge_texts(rows, [this](std::string_view text) { return !pattern_->found_in(text); });
  }

 private:
  std::shared_ptr<const Pattern> pattern_;
};

}  // namespace

std::optional<KindBinding> bind_regex(CheckBinder& binder) {
  const auto column = binder.column();
  const auto text = binder.text("pattern");
  if (!text) {
    if (binder.option("pattern") == nullptr) {
      binder.error("E107", binder.check().span, "regex: no pattern is given");
    }
    return std::nullopt;
  }
  auto pattern = std::make_shared<const Pattern>(*text);
  if (!pattern->error().empty()) {
    binder.error("E104", binder.option("pattern")->text.span,
                 "regex: the pattern cannot be read: " + pattern->error(),
                 "patterns are RE2's: no look-around, no back references");
    return std::nullopt;
  }
  if (!column) return std::nullopt;
  return row_rule(binder, {*column}, {"does not match the pattern", "do not match the pattern"},
                  [pattern] { return std::make_unique<Matches>(pattern); });
}

}  // namespace engine::stages
