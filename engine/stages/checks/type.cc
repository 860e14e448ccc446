#include "base/text.h"
#include "stages/checks/builtin.h"
#include "stages/checks/row_texts.h"

namespace engine::stages {

namespace {

/// Every value reads as a value of the type.
class OfType : public RowRule {
 public:
  OfType(data::Type type, bool always) : builder_(type), always_(always) {}

  void judge(const Judging& rows) override {
    if (always_) return;
    judge_texts(rows, [this](std::string_view text) {
      if (builder_.size() >= data::kMaxBatchRows) builder_.finish();
      return !data::append_parsed(builder_, text);
    });
  }

  bool fails_unreadable() const override { return true; }

 private:
  data::ColumnBuilder builder_;
  bool always_;
};

/// Values of `from` are values of `to` without a look.
bool holds_always(const data::Type& from, const data::Type& to) {
  if (to.kind == data::Kind::kText || from == to) return true;
  if (to.kind == data::Kind::kNumber) {
    return from.kind == data::Kind::kInt64 || from.kind == data::Kind::kDecimal;
  }
  return false;
}

}  // namespace

std::optional<KindBinding> bind_type(CheckBinder& binder) {
  const auto column = binder.column();
  const auto name = binder.text("is");
  if (!name) {
    if (binder.option("is") == nullptr) {
      binder.error("E107", binder.check().span, "type: the type is not said", "add is: int64");
    }
    return std::nullopt;
  }
  const auto type = data::parse_type(*name);
  if (!type) {
    binder.error("E104", binder.option("is")->text.span,
                 "type: " + base::quoted(*name) + " is no type",
                 "types are bool int64 float64 decimal(p,s) number date time timestamp "
                 "timestamp_naive text bytes uuid json");
    return std::nullopt;
  }
  if (!column) return std::nullopt;
  const bool always = holds_always(binder.field(*column).type, *type);
  const std::string label = data::type_name(*type);
  return row_rule(binder, {*column}, {"is no " + label, "are no " + label},
                  [type = *type, always] { return std::make_unique<OfType>(type, always); });
}

}  // namespace engine::stages
