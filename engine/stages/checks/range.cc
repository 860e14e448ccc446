#include <limits>

#include "stages/checks/builtin.h"

namespace engine::stages {

namespace {

using data::Kind;

/// Both bounds belong to the range.
struct Bounds {
  std::optional<data::Value> min;
  std::optional<data::Value> max;
};

class Range : public RowRule {
 public:
  explicit Range(Bounds bounds) : bounds_(std::move(bounds)) {}

  void judge(const Judging& rows) override {
    const data::Column& column = rows.column();
    switch (column.type().kind) {
      case Kind::kInt64:
      case Kind::kTime:
      case Kind::kTimestamp:
        return judge_integers(rows, column.fixed<std::int64_t>());
      case Kind::kDate:
        return judge_integers(rows, column.fixed<std::int32_t>());
      case Kind::kFloat64:
        return judge_reals(rows, column);
      default:
        return judge_any(rows, column);
    }
  }

 private:
  template <typename T>
  void judge_integers(const Judging& rows, const T* values) const {
    const std::int64_t low =
        bounds_.min ? bounds_.min->integer : std::numeric_limits<std::int64_t>::min();
    const std::int64_t high =
        bounds_.max ? bounds_.max->integer : std::numeric_limits<std::int64_t>::max();
    judge_values(rows, [&](std::size_t row) { return values[row] < low || values[row] > high; });
  }

  /// NaN comes after all numbers, so it breaks an upper bound and no lower one.
  void judge_reals(const Judging& rows, const data::Column& column) const {
    judge_values(rows, [&](std::size_t row) {
      const double value = column.float64_at(row);
      return (bounds_.min && value < bounds_.min->real) ||
             (bounds_.max && !(value <= bounds_.max->real));
    });
  }

  void judge_any(const Judging& rows, const data::Column& column) const {
    judge_values(rows, [&](std::size_t row) {
      const data::Value value = data::value_at(column, row);
      return (bounds_.min && data::compare(value, *bounds_.min) < 0) ||
             (bounds_.max && data::compare(value, *bounds_.max) > 0);
    });
  }

  Bounds bounds_;
};

/// False after a mistake.
bool read_bound(CheckBinder& binder, const std::string& name, const data::Type& type,
                std::optional<data::Value>& bound) {
  const plan::OptionValue* given = binder.option(name);
  if (given == nullptr) return true;
  bound = binder.value(*given, type);
  return bound.has_value();
}

}  // namespace

std::optional<KindBinding> bind_range(CheckBinder& binder) {
  if (binder.option("min") == nullptr && binder.option("max") == nullptr) {
    binder.error("E107", binder.check().span, "range: neither min nor max is given");
    return std::nullopt;
  }
  const auto column = binder.column();
  if (!column) return std::nullopt;
  const data::Type type = binder.field(*column).type;
  Bounds bounds;
  const bool min_read = read_bound(binder, "min", type, bounds.min);
  const bool max_read = read_bound(binder, "max", type, bounds.max);
  if (!min_read || !max_read) return std::nullopt;
  if (bounds.min && bounds.max && data::compare(*bounds.min, *bounds.max) > 0) {
    binder.error("E104", binder.option("min")->text.span, "range: min is greater than max");
    return std::nullopt;
  }
  return row_rule(binder, {*column}, {"lies outside the range", "lie outside the range"},
                  [bounds] { return std::make_unique<Range>(bounds); });
}

}  // namespace engine::stages
