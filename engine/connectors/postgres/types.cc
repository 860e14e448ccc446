#include "connectors/postgres/types.h"

#include <array>

#include "base/error.h"

namespace engine::connectors::postgres {
namespace {

using data::Kind;
using data::Type;

/// Numbers of the server's own types (src/include/catalog/pg_type.dat), which never change.
constexpr std::uint32_t kNumericOid = 1700;

struct Row {
  std::uint32_t oid;
  Kind kind;
  Wire wire;
  bool zoned = false;
  const char* changes = "";
};

constexpr std::array kRows = {
    Row{16, Kind::kBool, Wire::kBool},
    Row{17, Kind::kBytes, Wire::kBytes},
    Row{19, Kind::kText, Wire::kText, false, "name keeps the first 63 bytes"},
    Row{20, Kind::kInt64, Wire::kInt8},
    Row{21, Kind::kInt64, Wire::kInt2},
    Row{23, Kind::kInt64, Wire::kInt4},
    Row{25, Kind::kText, Wire::kText},
    Row{26, Kind::kInt64, Wire::kOid},
    Row{114, Kind::kJson, Wire::kJson},
    Row{700, Kind::kFloat64, Wire::kFloat4},
    Row{701, Kind::kFloat64, Wire::kFloat8},
    Row{790, Kind::kNumber, Wire::kAsNumeric},
    Row{1042, Kind::kText, Wire::kAsText, false, "char(n) takes spaces at the end for none"},
    Row{1043, Kind::kText, Wire::kText},
    Row{1082, Kind::kDate, Wire::kDate},
    Row{1083, Kind::kTime, Wire::kTime},
    Row{1114, Kind::kTimestamp, Wire::kTimestamp},
    Row{1184, Kind::kTimestamp, Wire::kTimestamp, true},
    Row{2950, Kind::kUuid, Wire::kUuid},
    Row{3802, Kind::kJson, Wire::kJsonb, false,
        "jsonb keeps the value, not the text: spaces, order and repeated keys go"},
};

/// numeric(p,s) is kept as ((p << 16) | s) + 4, s with a sign of its own in 11 bits.
Type numeric_type(std::int32_t modifier) {
  constexpr std::int32_t kHeader = 4;
  if (modifier < kHeader) return Type::of(Kind::kNumber);
  const std::int32_t digits = modifier - kHeader;
  const int precision = (digits >> 16) & 0xffff;
  const int scale = ((digits & 0x7ff) ^ 1024) - 1024;
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
    return Type::of(Kind::kNumber);
  }
  return Type::decimal(precision, scale);
}

}  // namespace

ColumnType type_of(const ServerType& server) {
  if (server.oid == kNumericOid) return {numeric_type(server.modifier), Wire::kNumeric, ""};
  for (const Row& row : kRows) {
    if (row.oid != server.oid) continue;
    const Type type =
        row.kind == Kind::kTimestamp ? Type::timestamp(row.zoned) : Type::of(row.kind);
    return {type, row.wire, row.changes};
  }
  if (server.name == "citext") return {Type::of(Kind::kText), Wire::kText, ""};
  return {Type::of(Kind::kText), Wire::kAsText,
          std::string(server.name) + " keeps the value, not its text"};
}

int fraction_digits(const ServerType& server) {
  constexpr int kMost = 6;
  return server.modifier >= 0 && server.modifier < kMost ? server.modifier : kMost;
}

std::string declared_of_type(const Type& type) {
  switch (type.nanos ? Kind::kDocument : type.kind) {
    case Kind::kBool:
      return "boolean";
    case Kind::kInt64:
      return "bigint";
    case Kind::kFloat64:
      return "double precision";
    case Kind::kDecimal:
      return "numeric(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case Kind::kNumber:
      return "numeric";
    case Kind::kDate:
      return "date";
    case Kind::kTime:
      return "time";
    case Kind::kTimestamp:
      return type.zoned ? "timestamptz" : "timestamp";
    case Kind::kText:
      return "text";
    case Kind::kBytes:
      return "bytea";
    case Kind::kUuid:
      return "uuid";
    case Kind::kJson:
      return "json";
    case Kind::kDocument:
      break;
  }
  throw base::Error(
      base::Fault::kPlan, "E314",
      "PostgreSQL has no column type that holds " + data::type_name(type) + " exactly",
      "cast the column to text, or drop it");
}

}  // namespace engine::connectors::postgres
