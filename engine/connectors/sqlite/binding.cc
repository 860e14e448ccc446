#include "connectors/sqlite/binding.h"

#include <cmath>
#include <utility>

#include "base/text.h"
#include "data/decimal.h"
#include "data/value_text.h"

namespace engine::connectors::sqlite {
namespace {

using Class = Stored::Class;
using data::Kind;
using data::Type;

constexpr std::int64_t kExactDouble = std::int64_t{1} << 53;
/// Digits of the largest int64.
constexpr int kInt64Digits = 19;

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// The store's own test (sqlite3AtoF): spaces around, a sign, digits with a point, an exponent.
bool looks_like_number(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::size_t start = at;
  at = skip_digits(text, at);
  std::size_t digits = at - start;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = at + 1;
    at = skip_digits(text, fraction);
    digits += at - fraction;
  }
  if (digits == 0) return false;
  if (at == text.size()) return true;
  if (text[at] != 'e' && text[at] != 'E') return false;
  ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  return at < text.size() && skip_digits(text, at) == text.size();
}

bool decimal_fits(const Type& from, const Type& to) {
  return to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale;
}

bool fits_text(Kind from) {
  return from != Kind::kBool && from != Kind::kInt64 && from != Kind::kFloat64 &&
         from != Kind::kBytes && from != Kind::kDocument;
}

bool fits_type(const Type& from, const Type& to) {
  if (from.nanos) return false;
  switch (to.kind) {
    case Kind::kFloat64:
      return from.kind == Kind::kFloat64 || from.kind == Kind::kInt64;
    case Kind::kDecimal:
      if (from.kind == Kind::kInt64) return to.precision - to.scale >= kInt64Digits;
      return from.kind == Kind::kDecimal && decimal_fits(from, to);
    case Kind::kNumber:
      return from.kind == Kind::kNumber || from.kind == Kind::kDecimal || from.kind == Kind::kInt64;
    case Kind::kText:
      return fits_text(from.kind);
    case Kind::kTimestamp:
      return from.kind == Kind::kTimestamp && from.zoned == to.zoned;
    case Kind::kDocument:
      return false;
    default:
      return from.kind == to.kind;
  }
}

}  // namespace

connect::Connection::Fit fit_of(const std::string& column, const Type& from, const Type& to) {
  if (fits_type(from, to)) return {.ok = true, .why_not = {}};
  return {.ok = false,
          .why_not = "column " + base::quoted(column) + " is " + data::type_name(to) +
                     "; a value of type " + data::type_name(from) + " would not come back equal"};
}

ColumnBinding::ColumnBinding(std::string name, const Type& from, const Type& to, Affinity affinity)
    : name_(std::move(name)),
      path_(path_of(from, to, affinity)),
      guarded_(affinity != Affinity::kText && affinity != Affinity::kBlob),
      json_(to.kind == Kind::kJson) {}

ColumnBinding::Path ColumnBinding::path_of(const Type& from, const Type& to, Affinity affinity) {
  switch (to.kind) {
    case Kind::kBool:
      return Path::kBool;
    case Kind::kInt64:
      return Path::kInteger;
    case Kind::kFloat64:
      return from.kind == Kind::kInt64 ? Path::kIntegerAsReal : Path::kReal;
    case Kind::kBytes:
      return Path::kBytes;
    case Kind::kDecimal:
    case Kind::kNumber:
      return affinity == Affinity::kText || affinity == Affinity::kBlob ? Path::kValueText
                                                                        : Path::kDigits;
    default:
      return from.is_variable() ? Path::kText : Path::kValueText;
  }
}

bool ColumnBinding::store_value(const data::Column& column, std::size_t row, Stored& out) {
  switch (path_) {
    case Path::kInteger:
      out = {.storage = Class::kInteger, .integer = column.int64_at(row)};
      return true;
    case Path::kText:
      return store_text(column.bytes_at(row), out);
    case Path::kReal:
      return store_real(column.float64_at(row), out);
    case Path::kIntegerAsReal:
      return store_integer_as_real(column.int64_at(row), out);
    case Path::kBool:
      out = {.storage = Class::kInteger, .integer = column.bool_at(row) ? 1 : 0};
      return true;
    case Path::kBytes:
      out = {.storage = Class::kBlob, .bytes = column.bytes_at(row)};
      return true;
    case Path::kDigits:
    case Path::kValueText:
      break;
  }
  scratch_.clear();
  data::append_value_text(scratch_, column, row);
  return path_ == Path::kDigits ? store_digits(out) : store_text(scratch_, out);
}

bool ColumnBinding::store_real(double value, Stored& out) {
  if (std::isnan(value)) {
    why_not_ = "SQLite keeps NaN as NULL";
    return false;
  }
  if (guarded_ && value == 0 && std::signbit(value)) {
    why_not_ = "a REAL column keeps -0.0 as 0.0";
    return false;
  }
  out = {.storage = Class::kReal, .real = value};
  return true;
}

bool ColumnBinding::store_integer_as_real(std::int64_t value, Stored& out) {
  if (value > kExactDouble || value < -kExactDouble) {
    why_not_ = "a REAL column rounds integers beyond 2^53";
    return false;
  }
  out = {.storage = Class::kReal, .real = static_cast<double>(value)};
  return true;
}

bool ColumnBinding::store_text(std::string_view text, Stored& out) {
  out = {.storage = Class::kText, .bytes = text};
  if (!guarded_ || !looks_like_number(text)) return true;
  // A JSON integer comes back with the same digits, whichever class holds it.
  const auto integer = json_ ? data::parse_int64(text) : std::nullopt;
  if (integer && std::to_string(*integer) == text) {
    out = {.storage = Class::kInteger, .integer = *integer};
    return true;
  }
  why_not_ = "the column's affinity turns texts that look like numbers into numbers";
  return false;
}

/// The digits in scratch_, for a column that keeps numbers as integers or reals.
bool ColumnBinding::store_digits(Stored& out) {
  const auto canonical = data::canonical_number(scratch_);
  if (!canonical) {
    why_not_ = "it is no number";
    return false;
  }
  if (const auto integer = data::parse_int64(*canonical)) {
    out = {.storage = Class::kInteger, .integer = *integer};
    return true;
  }
  const auto real = data::parse_float64(*canonical);
  std::string back;
  if (real) data::append_float64(back, *real);
  if (!real || data::canonical_number(back) != canonical) {
    why_not_ = "the column's NUMERIC affinity keeps it as a binary real, which has fewer digits";
    return false;
  }
  out = {.storage = Class::kReal, .real = *real};
  return true;
}

}  // namespace engine::connectors::sqlite
