#include <algorithm>
#include <unordered_set>

#include "stages/checks/builtin.h"

namespace engine::stages {

namespace {

using data::Kind;

/// The accepted values of one column, typed, in the form that is cheapest to look up.
struct Accepted {
  std::vector<data::Value> values;
  std::vector<std::int64_t> integers;          ///< sorted
  std::unordered_set<std::string_view> texts;  ///< into `values`
};

bool is_text(Kind kind) {
  return data::Type::of(kind).is_variable() || kind == Kind::kUuid;
}
bool is_integer(Kind kind) {
  return kind == Kind::kInt64 || kind == Kind::kTime || kind == Kind::kTimestamp;
}

class AcceptedValues : public RowRule {
 public:
  explicit AcceptedValues(std::shared_ptr<const Accepted> accepted)
      : accepted_(std::move(accepted)) {}

  void judge(const Judging& rows) override {
    const data::Column& column = rows.column();
    if (is_text(column.type().kind)) return judge_texts(rows, column);
    if (is_integer(column.type().kind)) return judge_integers(rows, column);
    judge_values(rows, [&](std::size_t row) {
      const data::Value value = data::value_at(column, row);
      return std::none_of(accepted_->values.begin(), accepted_->values.end(),
                          [&](const data::Value& each) { return data::compare(each, value) == 0; });
    });
  }

 private:
  /// Neighbouring rows often agree, and then there is nothing to look up.
  void judge_texts(const Judging& rows, const data::Column& column) const {
    std::string_view last;
    bool last_breaks = !accepted_->texts.contains(last);
    judge_values(rows, [&](std::size_t row) {
      const std::string_view text = column.bytes_at(row);
      if (text == last) return last_breaks;
      last = text;
      return last_breaks = !accepted_->texts.contains(text);
    });
  }

  void judge_integers(const Judging& rows, const data::Column& column) const {
    const auto& known = accepted_->integers;
    judge_values(rows, [&](std::size_t row) {
      return !std::binary_search(known.begin(), known.end(), column.int64_at(row));
    });
  }

  std::shared_ptr<const Accepted> accepted_;
};

std::shared_ptr<const Accepted> read_values(CheckBinder& binder, const data::Type& type) {
  const plan::OptionValue* list = binder.option("values");
  auto accepted = std::make_shared<Accepted>();
  bool sound = true;
  for (const plan::OptionValue& item : list->items) {
    if (item.is_null) continue;  // a NULL is never judged
    auto value = binder.value(item, type);
    sound = sound && value.has_value();
    if (value) accepted->values.push_back(std::move(*value));
  }
  for (const data::Value& value : accepted->values) {
    accepted->integers.push_back(value.integer);
    accepted->texts.insert(value.bytes);
  }
  std::sort(accepted->integers.begin(), accepted->integers.end());
  return sound ? accepted : nullptr;
}

}  // namespace

std::optional<KindBinding> bind_accepted_values(CheckBinder& binder) {
  const auto column = binder.column();
  const plan::OptionValue* list = binder.option("values");
  if (list == nullptr || (list->items.empty() && !list->unknown)) {
    binder.error("E107", binder.check().span, "accepted_values: no values are given");
    return std::nullopt;
  }
  if (!column) return std::nullopt;
  auto accepted = read_values(binder, binder.field(*column).type);
  if (accepted == nullptr) return std::nullopt;
  return row_rule(binder, {*column},
                  {"has a value that is not accepted", "have a value that is not accepted"},
                  [accepted] { return std::make_unique<AcceptedValues>(accepted); });
}

}  // namespace engine::stages
