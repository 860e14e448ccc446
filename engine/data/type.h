#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine::data {

/// The kinds of value the engine moves. How each lies in a column is said in column.h.
enum class Kind : std::uint8_t {
  kBool,
  kInt64,
  kFloat64,
  kDecimal,    ///< exact, at most 38 digits, `scale` of them after the point
  kNumber,     ///< exact, any precision, canonical text (value_text.h)
  kDate,       ///< days since 1970-01-01
  kTime,       ///< microseconds since midnight
  kTimestamp,  ///< microseconds since 1970-01-01T00:00:00, zoned (UTC) or naive
  kText,       ///< UTF-8; NUL is a character like any other
  kBytes,
  kUuid,      ///< 16 bytes
  kJson,      ///< JSON text, kept as written
  kDocument,  ///< the attributes of a document that no block names, in their wire form; travels
              ///< untouched
};

/// A type of the plan language. Nanosecond timestamps of later connectors travel with `nanos` set
/// (unit of the int64).
struct Type {
  Kind kind = Kind::kText;
  std::uint8_t precision = 38;  ///< kDecimal: 1..38
  std::uint8_t scale = 0;       ///< kDecimal: 0..precision
  bool zoned = false;           ///< kTimestamp: an instant (UTC) rather than a naive local time
  bool nanos = false;           ///< kTimestamp: unit is a nanosecond

  bool operator==(const Type&) const = default;

  static Type of(Kind kind) { return Type{.kind = kind}; }
  static Type decimal(int precision, int scale);
  static Type timestamp(bool zoned) { return Type{.kind = Kind::kTimestamp, .zoned = zoned}; }

  bool is_numeric() const;
  /// Values have variable length (text, bytes, json, number, document).
  bool is_variable() const;
};

/// The name in plans: "int64", "decimal(12,2)", "timestamp" (an instant), "timestamp_naive",
/// "text", ...
std::string type_name(const Type& type);
/// The type of such a name; also "string", "integer", "bigint", "double", "boolean", "datetime" and
/// a few more spellings that users of SQL expect. nullopt when it is none.
std::optional<Type> parse_type(std::string_view name);

}  // namespace engine::data
