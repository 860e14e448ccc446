#include "connectors/sqlite/types.h"

#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::sqlite {
namespace {

using data::Kind;
using data::Type;

struct Row {
  std::string_view name;
  Kind kind;
  bool created = false;  ///< the name declared for the type in created tables
  bool digits = false;   ///< takes (precision, scale)
  bool zoned = false;
};

/// Declared name <-> type. A decimal without digits is a number. DATE, DATETIME, TIMESTAMP and TIME
/// of other programs hold texts of many forms: they stay text.
constexpr std::array kNames = {
    Row{"INTEGER", Kind::kInt64, true},
    Row{"INT", Kind::kInt64},
    Row{"BIGINT", Kind::kInt64},
    Row{"SMALLINT", Kind::kInt64},
    Row{"TINYINT", Kind::kInt64},
    Row{"MEDIUMINT", Kind::kInt64},
    Row{"INT2", Kind::kInt64},
    Row{"INT4", Kind::kInt64},
    Row{"INT8", Kind::kInt64},
    Row{"UNSIGNED BIG INT", Kind::kInt64},
    Row{"REAL", Kind::kFloat64, true},
    Row{"DOUBLE", Kind::kFloat64},
    Row{"DOUBLE PRECISION", Kind::kFloat64},
    Row{"FLOAT", Kind::kFloat64},
    Row{"FLOAT4", Kind::kFloat64},
    Row{"FLOAT8", Kind::kFloat64},
    Row{"TEXT", Kind::kText, true},
    Row{"VARCHAR", Kind::kText},
    Row{"CHAR", Kind::kText},
    Row{"CHARACTER", Kind::kText},
    Row{"NCHAR", Kind::kText},
    Row{"NVARCHAR", Kind::kText},
    Row{"CLOB", Kind::kText},
    Row{"STRING", Kind::kText},
    Row{"DATE", Kind::kText},
    Row{"DATETIME", Kind::kText},
    Row{"TIMESTAMP", Kind::kText},
    Row{"TIME", Kind::kText},
    Row{"BLOB", Kind::kBytes, true},
    Row{"BINARY", Kind::kBytes},
    Row{"VARBINARY", Kind::kBytes},
    Row{"BYTEA", Kind::kBytes},
    Row{"BOOLEAN", Kind::kBool, true},
    Row{"BOOL", Kind::kBool},
    Row{"DECIMAL_TEXT", Kind::kDecimal, true, true},
    Row{"DECIMAL", Kind::kDecimal, false, true},
    Row{"NUMERIC", Kind::kDecimal, false, true},
    Row{"NUMBER", Kind::kDecimal, false, true},
    Row{"DEC", Kind::kDecimal, false, true},
    Row{"NUMBER_TEXT", Kind::kNumber, true},
    Row{"MONEY", Kind::kNumber},
    Row{"JSON_TEXT", Kind::kJson, true},
    Row{"JSON", Kind::kJson},
    Row{"UUID_TEXT", Kind::kUuid, true},
    Row{"UUID", Kind::kUuid},
    Row{"DATE_TEXT", Kind::kDate, true},
    Row{"TIME_TEXT", Kind::kTime, true},
    Row{"TIMESTAMP_TEXT", Kind::kTimestamp, true, false, true},
    Row{"TIMESTAMP_NAIVE_TEXT", Kind::kTimestamp, true, false, false},
};

struct Declared {
  std::string name;  ///< upper case, single spaces, without what stands in parentheses
  std::optional<int> precision, scale;
};

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

std::optional<int> small_number(std::string_view text) {
  text = base::trim_spaces(text);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Declared parse_declared(std::string_view text) {
  Declared out;
  const auto open = text.find('(');
  for (const auto& word : base::split(upper(text.substr(0, open)), ' ')) {
    if (word.empty()) continue;
    if (!out.name.empty()) out.name += ' ';
    out.name += word;
  }
  if (open == std::string_view::npos) return out;
  const auto close = text.find(')', open);
  if (close == std::string_view::npos) return out;
  const auto digits = base::split(text.substr(open + 1, close - open - 1), ',');
  out.precision = small_number(digits[0]);
  out.scale = digits.size() > 1 ? small_number(digits[1]) : std::optional<int>(0);
  return out;
}

const Row* find_name(std::string_view name) {
  for (const auto& row : kNames) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

Type type_of_row(const Row& row, const Declared& declared) {
  if (row.kind == Kind::kTimestamp) return Type::timestamp(row.zoned);
  if (!row.digits) return Type::of(row.kind);
  if (!declared.precision || !declared.scale) return Type::of(Kind::kNumber);
  const int precision = *declared.precision;
  const int scale = *declared.scale;
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
    return Type::of(Kind::kNumber);
  }
  return Type::decimal(precision, scale);
}

Type type_of_affinity(Affinity affinity) {
  switch (affinity) {
    case Affinity::kInteger:
      return Type::of(Kind::kInt64);
    case Affinity::kReal:
      return Type::of(Kind::kFloat64);
    default:
      return Type::of(Kind::kText);
  }
}

std::string type_of_row_text(const Row& row) {
  return row.digits ? "decimal(p,s)" : data::type_name(type_of_row(row, {}));
}

}  // namespace

Affinity affinity_of(std::string_view declared, bool strict) {
  const std::string name = upper(declared);
  const auto holds = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  if (strict && name == "ANY") return Affinity::kBlob;
  if (holds("INT")) return Affinity::kInteger;
  if (holds("CHAR") || holds("CLOB") || holds("TEXT")) return Affinity::kText;
  if (holds("BLOB") || name.empty()) return Affinity::kBlob;
  if (holds("REAL") || holds("FLOA") || holds("DOUB")) return Affinity::kReal;
  return Affinity::kNumeric;
}

Type type_of_declared(std::string_view text) {
  const Declared declared = parse_declared(text);
  if (const Row* row = find_name(declared.name)) return type_of_row(*row, declared);
  if (!declared.name.empty() && declared.name.find("BLOB") != std::string::npos) {
    return Type::of(Kind::kBytes);
  }
  return type_of_affinity(affinity_of(text, false));
}

std::string declared_of_type(const Type& type) {
  for (const auto& row : kNames) {
    if (!row.created || row.kind != type.kind || type.nanos) continue;
    if (type.kind == Kind::kTimestamp && row.zoned != type.zoned) continue;
    std::string out(row.name);
    if (row.digits) {
      out += "(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    }
    return out;
  }
  throw base::Error(base::Fault::kPlan, "E314",
                    "SQLite has no column type that holds " + data::type_name(type) + " exactly",
                    "cast the column to text, or drop it");
}

std::vector<TypeName> type_names() {
  std::vector<TypeName> out;
  for (const auto& row : kNames) {
    out.push_back(
        {std::string(row.name) + (row.digits ? "(p,s)" : ""), type_of_row_text(row), row.created});
    if (row.digits && !row.created) out.push_back({std::string(row.name), "number", false});
  }
  return out;
}

}  // namespace engine::connectors::sqlite
