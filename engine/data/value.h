#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "data/column.h"

namespace engine::data {

/// One value by itself: literals, parameters, bounds of a range, accepted values, samples of rows.
/// Batches never hold these; they are for the few values that a plan or a message names. Which
/// field counts follows from the type's kind.
struct Value {
  Type type;
  bool null = true;
  std::int64_t integer = 0;  ///< kBool (0 or 1) kInt64 kDate kTime kTimestamp
  double real = 0;           ///< kFloat64
  Int128 decimal = 0;        ///< kDecimal, in units of 10^-type.scale
  /// kText kBytes kJson kNumber (canonical) kDocument, and the 16 bytes of a kUuid
  std::string bytes = {};

  static Value null_of(Type type) { return {.type = type}; }
  static Value of_bool(bool value) {
    return {.type = Type::of(Kind::kBool), .null = false, .integer = value ? 1 : 0};
  }
  static Value of_int64(std::int64_t value) { return of_integer(Type::of(Kind::kInt64), value); }
  /// kInt64 kDate kTime kTimestamp.
  static Value of_integer(Type type, std::int64_t value) {
    return {.type = type, .null = false, .integer = value};
  }
  static Value of_float64(double value) {
    return {.type = Type::of(Kind::kFloat64), .null = false, .real = value};
  }
  static Value of_decimal(Int128 value, int precision, int scale) {
    return {.type = Type::decimal(precision, scale), .null = false, .decimal = value};
  }
  static Value of_text(std::string text) {
    return of_bytes(Type::of(Kind::kText), std::move(text));
  }
  /// The variable kinds and kUuid.
  static Value of_bytes(Type type, std::string bytes) {
    return {.type = type, .null = false, .bytes = std::move(bytes)};
  }

  /// Equal fields, floats as bits; use compare() for equality of meaning.
  bool operator==(const Value& other) const;
};

/// The value that `text` denotes in the type (as append_parsed); nullopt when it denotes none.
std::optional<Value> parse_value(Type type, std::string_view text);

Value value_at(const Column& column, std::size_t row);
/// The value has the builder's layout and, as a decimal, its scale, or it is NULL; anything else is
/// a bug.
void append_value(ColumnBuilder& builder, const Value& value);

/// As the text of a cell (value_text.h); NULL is "NULL".
std::string value_text(const Value& value);

/// Whether compare() has an answer for values of these types: all numeric kinds with one another,
/// text with json and document, each other kind with itself (an instant never with a naive
/// timestamp).
bool comparable(const Type& a, const Type& b);
/// -1, 0 or 1 by value. Numbers of any two types compare exactly (an int64 is never turned into a
/// double), NaN after all other numbers and equal to itself, -0.0 equal to 0.0; texts and bytes
/// compare as bytes; NULL after all values and equal to NULL. Types that are not comparable are a
/// bug.
int compare(const Value& a, const Value& b);

}  // namespace engine::data
