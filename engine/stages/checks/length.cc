#include <limits>

#include "stages/checks/builtin.h"

namespace engine::stages {

namespace {

struct Lengths {
  std::size_t min = 0;
  std::size_t max = std::numeric_limits<std::size_t>::max();

  bool hold(std::size_t length) const { return length >= min && length <= max; }
};

/// Characters are Unicode code points; of bytes, bytes.
std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  return count;
}

class Length : public RowRule {
 public:
  explicit Length(Lengths lengths) : lengths_(lengths) {}

  void judge(const Judging& rows) override {
    const data::Column& column = rows.column();
    if (column.type().kind == data::Kind::kBytes) {
      return judge_values(
          rows, [&](std::size_t row) { return !lengths_.hold(column.bytes_at(row).size()); });
    }
    judge_values(rows, [&](std::size_t row) {
      const std::string_view text = column.bytes_at(row);
      // A code point has one to four bytes, which settles most rows without a look at the bytes.
      if (lengths_.hold(text.size()) && lengths_.hold((text.size() + 3) / 4)) return false;
      return !lengths_.hold(code_points(text));
    });
  }

 private:
  Lengths lengths_;
};

bool read_length(CheckBinder& binder, const std::string& name, std::size_t& length) {
  if (binder.option(name) == nullptr) return true;
  const auto amount = binder.amount(name);
  if (!amount) return false;
  if (!amount->relative) {
    length = static_cast<std::size_t>(amount->count);
    return true;
  }
  binder.error("E104", binder.option(name)->text.span, "length: " + name + " is a share",
               "write a whole number of characters");
  return false;
}

}  // namespace

std::optional<KindBinding> bind_length(CheckBinder& binder) {
  if (binder.option("min") == nullptr && binder.option("max") == nullptr) {
    binder.error("E107", binder.check().span, "length: neither min nor max is given");
    return std::nullopt;
  }
  Lengths lengths;
  const bool min_read = read_length(binder, "min", lengths.min);
  const bool max_read = read_length(binder, "max", lengths.max);
  const auto column = binder.column();
  if (!min_read || !max_read || !column) return std::nullopt;
  const data::Type type = binder.field(*column).type;
  if (!type.is_variable() || type.kind == data::Kind::kNumber) {
    binder.error("E116", binder.check().span,
                 "length: column " + binder.field(*column).name + " is " + data::type_name(type) +
                     ", which has no length",
                 "use range for numbers and times");
    return std::nullopt;
  }
  return row_rule(binder, {*column}, {"has another length", "have another length"},
                  [lengths] { return std::make_unique<Length>(lengths); });
}

}  // namespace engine::stages
