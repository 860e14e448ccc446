#include "base/text.h"
#include "stages/checks/builtin.h"
#include "stages/checks/formats.h"
#include "stages/checks/pattern.h"
#include "stages/checks/row_texts.h"

namespace engine::stages {

namespace {

class HasBuiltinFormat : public RowRule {
 public:
  explicit HasBuiltinFormat(const BuiltinFormat& format) : format_(format) {}
  void judge(const Judging& rows) override {
    const auto matches = format_.matches;
    judge_texts(rows, [matches](std::string_view text) { return !matches(text); });
  }

 private:
  const BuiltinFormat& format_;
};

/// A format of the plan: the whole value matches its expression.
class HasPlanFormat : public RowRule {
 public:
  explicit HasPlanFormat(std::shared_ptr<const Pattern> pattern) : pattern_(std::move(pattern)) {}
  void judge(const Judging& rows) override {
    judge_texts(rows, [this](std::string_view text) { return !pattern_->matches(text); });
  }

 private:
  std::shared_ptr<const Pattern> pattern_;
};

using RuleMaker = std::function<std::unique_ptr<RowRule>()>;

void report_unknown(CheckBinder& binder, const std::string& name) {
  std::vector<std::string> known;
  for (const BuiltinFormat& format : builtin_formats()) known.emplace_back(format.name);
  if (binder.info().formats != nullptr) {
    for (const auto& [own, format] : *binder.info().formats) known.push_back(own);
  }
  const auto near = base::nearest(name, known);
  binder.error("E113", binder.option("as")->text.span,
               "format: there is no format " + base::quoted(name),
               near ? "did you mean '" + *near + "'?" : "formats are: " + base::join(known, ", "));
}

/// The plan's own formats win over the language's.
RuleMaker find_format(CheckBinder& binder, const std::string& name) {
  const auto* own = binder.info().formats;
  if (own != nullptr && own->contains(name)) {
    const plan::Format& format = own->at(name);
    auto pattern = std::make_shared<const Pattern>(format.regex);
    if (pattern->error().empty()) {
      return [pattern] { return std::make_unique<HasPlanFormat>(pattern); };
    }
    binder.error("E104", format.span,
                 "format " + name + ": its regex cannot be read: " + pattern->error(),
                 "patterns are RE2's: no look-around, no back references");
    return nullptr;
  }
  if (const BuiltinFormat* format = find_builtin_format(name)) {
    return [format] { return std::make_unique<HasBuiltinFormat>(*format); };
  }
  report_unknown(binder, name);
  return nullptr;
}

}  // namespace

std::optional<KindBinding> bind_format(CheckBinder& binder) {
  const auto column = binder.column();
  const auto name = binder.text("as");
  if (!name) {
    if (binder.option("as") == nullptr) {
      binder.error("E107", binder.check().span, "format: the format (as) is not named");
    }
    return std::nullopt;
  }
  RuleMaker rule = find_format(binder, *name);
  if (rule == nullptr || !column) return std::nullopt;
  return row_rule(binder, {*column}, {"is no " + *name, "are no " + *name}, std::move(rule));
}

}  // namespace engine::stages
