#include "data/value.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "data/value_text.h"

namespace engine::data {
namespace {

bool is_text(Kind kind) {
  return kind == Kind::kText || kind == Kind::kJson || kind == Kind::kDocument;
}

template <typename T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

/// The exact value of a finite double: every one is a decimal fraction of at most 1074 digits.
std::string exact_text(double value) {
  std::array<char, 1500> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::fixed, 1074);
  const auto canonical = canonical_number({buffer.data(), result.ptr});
  if (!canonical) base::bug("a double without a decimal form");
  return *canonical;
}

std::string number_text(const Value& value) {
  if (value.type.kind == Kind::kFloat64) return exact_text(value.real);
  const auto canonical = canonical_number(value_text(value));
  if (!canonical) base::bug("a number that is not canonical");
  return *canonical;
}

/// 0 for finite numbers; else where the value stands among all numbers.
int beyond(const Value& value) {
  if (value.type.kind != Kind::kFloat64) return 0;
  if (std::isnan(value.real)) return 2;
  if (!std::isinf(value.real)) return 0;
  return value.real < 0 ? -1 : 1;
}

int compare_numeric(const Value& a, const Value& b) {
  if (beyond(a) != 0 || beyond(b) != 0) return three_way(beyond(a), beyond(b));
  const Kind kind = a.type.kind;
  if (kind == b.type.kind && kind == Kind::kInt64) return three_way(a.integer, b.integer);
  if (kind == b.type.kind && kind == Kind::kFloat64) return three_way(a.real, b.real);
  if (kind == b.type.kind && kind == Kind::kDecimal && a.type.scale == b.type.scale) {
    return three_way(a.decimal, b.decimal);
  }
  return compare_numbers(number_text(a), number_text(b));
}

int compare_timestamps(const Value& a, const Value& b) {
  const auto in_nanos = [](const Value& value) {
    return static_cast<Int128>(value.integer) * (value.type.nanos ? 1 : 1000);
  };
  return three_way(in_nanos(a), in_nanos(b));
}

}  // namespace

bool Value::operator==(const Value& other) const {
  return type == other.type && null == other.null && integer == other.integer &&
         std::bit_cast<std::uint64_t>(real) == std::bit_cast<std::uint64_t>(other.real) &&
         decimal == other.decimal && bytes == other.bytes;
}

std::optional<Value> parse_value(Type type, std::string_view text) {
  ColumnBuilder builder(type, 1);
  if (!append_parsed(builder, text)) return std::nullopt;
  return value_at(*builder.finish(), 0);
}

Value value_at(const Column& column, std::size_t row) {
  const Type type = column.type();
  if (column.is_null(row)) return Value::null_of(type);
  Value out{.type = type, .null = false};
  switch (type.kind) {
    case Kind::kBool:
      out.integer = column.bool_at(row) ? 1 : 0;
      break;
    case Kind::kInt64:
    case Kind::kTime:
    case Kind::kTimestamp:
      out.integer = column.int64_at(row);
      break;
    case Kind::kDate:
      out.integer = column.date_at(row);
      break;
    case Kind::kFloat64:
      out.real = column.float64_at(row);
      break;
    case Kind::kDecimal:
      out.decimal = column.decimal_at(row);
      break;
    case Kind::kNumber:
    case Kind::kText:
    case Kind::kBytes:
    case Kind::kUuid:
    case Kind::kJson:
    case Kind::kDocument:
      out.bytes = column.bytes_at(row);
      break;
  }
  return out;
}

void append_value(ColumnBuilder& builder, const Value& value) {
  if (value.null) return builder.append_null();
  switch (value.type.kind) {
    case Kind::kBool:
      return builder.append_bool(value.integer != 0);
    case Kind::kInt64:
    case Kind::kTime:
    case Kind::kTimestamp:
      return builder.append_int64(value.integer);
    case Kind::kDate:
      return builder.append_date(static_cast<std::int32_t>(value.integer));
    case Kind::kFloat64:
      return builder.append_float64(value.real);
    case Kind::kDecimal:
      if (value.type.scale != builder.type().scale) base::bug("a decimal of another scale");
      return builder.append_decimal(value.decimal);
    case Kind::kNumber:
    case Kind::kText:
    case Kind::kBytes:
    case Kind::kUuid:
    case Kind::kJson:
    case Kind::kDocument:
      break;
  }
  builder.append_bytes(value.bytes);
}

std::string value_text(const Value& value) {
  if (value.null) return "NULL";
  ColumnBuilder builder(value.type, 1);
  append_value(builder, value);
  return value_text(*builder.finish(), 0);
}

bool comparable(const Type& a, const Type& b) {
  if (a.is_numeric() && b.is_numeric()) return true;
  if (is_text(a.kind) && is_text(b.kind)) return true;
  return a.kind == b.kind && a.zoned == b.zoned;
}

int compare(const Value& a, const Value& b) {
  if (!comparable(a.type, b.type)) {
    base::bug("compared " + type_name(a.type) + " with " + type_name(b.type));
  }
  if (a.null || b.null) return three_way(a.null, b.null);
  if (a.type.is_numeric()) return compare_numeric(a, b);
  if (a.type.kind == Kind::kTimestamp) return compare_timestamps(a, b);
  if (a.type.is_variable() || a.type.kind == Kind::kUuid) return three_way(a.bytes, b.bytes);
  return three_way(a.integer, b.integer);
}

}  // namespace engine::data
