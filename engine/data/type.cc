#include "data/type.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace engine::data {
namespace {

using Spelling = std::pair<std::string_view, Type>;

constexpr Type kInstant{.kind = Kind::kTimestamp, .zoned = true};
constexpr Type kNaive{.kind = Kind::kTimestamp};

constexpr Type simple(Kind kind) {
  return Type{.kind = kind};
}

constexpr std::array<Spelling, 44> kSpellings = {{
    {"bool", simple(Kind::kBool)},
    {"boolean", simple(Kind::kBool)},
    {"int64", simple(Kind::kInt64)},
    {"int", simple(Kind::kInt64)},
    {"integer", simple(Kind::kInt64)},
    {"bigint", simple(Kind::kInt64)},
    {"int8", simple(Kind::kInt64)},
    {"long", simple(Kind::kInt64)},
    {"float64", simple(Kind::kFloat64)},
    {"double", simple(Kind::kFloat64)},
    {"double precision", simple(Kind::kFloat64)},
    {"float", simple(Kind::kFloat64)},
    {"float8", simple(Kind::kFloat64)},
    {"real", simple(Kind::kFloat64)},
    {"number", simple(Kind::kNumber)},
    {"decimal", simple(Kind::kNumber)},
    {"numeric", simple(Kind::kNumber)},
    {"date", simple(Kind::kDate)},
    {"time", simple(Kind::kTime)},
    {"timestamp", kInstant},
    {"timestamptz", kInstant},
    {"timestamp with time zone", kInstant},
    {"timestamp_naive", kNaive},
    {"datetime", kNaive},
    {"timestamp without time zone", kNaive},
    {"timestamp_ns", {.kind = Kind::kTimestamp, .zoned = true, .nanos = true}},
    {"timestamp_naive_ns", {.kind = Kind::kTimestamp, .nanos = true}},
    {"text", simple(Kind::kText)},
    {"string", simple(Kind::kText)},
    {"varchar", simple(Kind::kText)},
    {"character varying", simple(Kind::kText)},
    {"char", simple(Kind::kText)},
    {"clob", simple(Kind::kText)},
    {"bytes", simple(Kind::kBytes)},
    {"blob", simple(Kind::kBytes)},
    {"bytea", simple(Kind::kBytes)},
    {"binary", simple(Kind::kBytes)},
    {"varbinary", simple(Kind::kBytes)},
    {"uuid", simple(Kind::kUuid)},
    {"json", simple(Kind::kJson)},
    {"jsonb", simple(Kind::kJson)},
    {"document", simple(Kind::kDocument)},
    {"date32", simple(Kind::kDate)},
    {"utf8", simple(Kind::kText)},
}};

/// Lower case, and one space where there were several: "Double  Precision" -> "double precision".
std::string normalised(std::string_view name) {
  std::string out;
  for (const char c : base::trim_spaces(name)) {
    const bool upper = c >= 'A' && c <= 'Z';
    const char lower = upper ? static_cast<char>(c - 'A' + 'a') : c;
    if (lower == ' ' && out.ends_with(' ')) continue;
    out += lower;
  }
  return out;
}

std::optional<int> small_number(std::string_view text) {
  text = base::trim_spaces(text);
  int value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value < 0) return std::nullopt;
  return value;
}

/// "decimal(12,2)" and "numeric(12)".
std::optional<Type> parse_decimal_type(std::string_view name) {
  const auto open = name.find('(');
  if (open == std::string_view::npos || !name.ends_with(')')) return std::nullopt;
  const auto word = base::trim_spaces(name.substr(0, open));
  if (word != "decimal" && word != "numeric") return std::nullopt;
  const auto inside = base::split(name.substr(open + 1, name.size() - open - 2), ',');
  if (inside.size() > 2) return std::nullopt;
  const auto precision = small_number(inside[0]);
  const auto scale = inside.size() == 2 ? small_number(inside[1]) : std::optional<int>(0);
  if (!precision || !scale || *precision < 1 || *precision > 38 || *scale > *precision) {
    return std::nullopt;
  }
  return Type::decimal(*precision, *scale);
}

}  // namespace

Type Type::decimal(int precision, int scale) {
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
    base::bug("decimal type out of range");
  }
  return Type{.kind = Kind::kDecimal,
              .precision = static_cast<std::uint8_t>(precision),
              .scale = static_cast<std::uint8_t>(scale)};
}

bool Type::is_numeric() const {
  return kind == Kind::kInt64 || kind == Kind::kFloat64 || kind == Kind::kDecimal ||
         kind == Kind::kNumber;
}

bool Type::is_variable() const {
  return kind == Kind::kText || kind == Kind::kBytes || kind == Kind::kJson ||
         kind == Kind::kNumber || kind == Kind::kDocument;
}

std::string type_name(const Type& type) {
  if (type.kind == Kind::kDecimal) {
    return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
  }
  // The first spelling of a kind is its name.
  const auto found = std::find_if(kSpellings.begin(), kSpellings.end(), [&](const Spelling& s) {
    return s.second.kind == type.kind && s.second.zoned == type.zoned &&
           s.second.nanos == type.nanos;
  });
  return found == kSpellings.end() ? "unknown" : std::string(found->first);
}

std::optional<Type> parse_type(std::string_view name) {
  const std::string word = normalised(name);
  const auto found = std::find_if(kSpellings.begin(), kSpellings.end(),
                                  [&](const Spelling& s) { return s.first == word; });
  if (found != kSpellings.end()) return found->second;
  return parse_decimal_type(word);
}

}  // namespace engine::data
