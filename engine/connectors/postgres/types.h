#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/type.h"

namespace engine::connectors::postgres {

/// How a value lies in a binary row (the server's `*_send` functions).
enum class Wire : std::uint8_t {
  kBool,
  kInt2,
  kInt4,
  kInt8,
  kOid,
  kFloat4,
  kFloat8,
  kNumeric,
  kText,
  kBytes,
  kDate,
  kTime,
  kTimestamp,
  kUuid,
  kJson,
  kJsonb,
  kAsText,     ///< read through a cast to text, written through a cast from it
  kAsNumeric,  ///< read through a cast to numeric: money, whose text depends on the server
};

/// A type of the server (a domain: what it is made of), by its number in pg_type.
struct ServerType {
  std::uint32_t oid = 0;
  std::int32_t modifier = -1;  ///< lengths and digits, as in pg_attribute.atttypmod
  std::string_view name;       ///< of extensions, whose numbers differ from server to server
};

struct ColumnType {
  data::Type type;
  Wire wire = Wire::kAsText;
  std::string changes_values;  ///< as connect::ColumnInfo
};

ColumnType type_of(const ServerType& server);

/// Digits after the point that a time or timestamp keeps: 0..6.
int fraction_digits(const ServerType& server);

/// What a table made by the engine declares. E314 for what the server cannot hold (document,
/// nanoseconds).
std::string declared_of_type(const data::Type& type);

}  // namespace engine::connectors::postgres
