#include "connectors/sqlite/cells.h"

#include <cmath>
#include <cstring>

#include "base/text.h"
#include "data/decimal.h"
#include "data/value_text.h"

namespace engine::connectors::sqlite {
namespace {

using Class = Stored::Class;
using data::Kind;

/// Integers up to here are doubles too.
constexpr std::int64_t kExactDouble = std::int64_t{1} << 53;

std::uint64_t word_at(std::string_view text, std::size_t at) {
  std::uint64_t word;
  std::memcpy(&word, text.data() + at, sizeof(word));
  return word;
}

/// Eight bytes at a time, the last eight again rather than one by one; most texts of most tables
/// need no more.
bool is_ascii(std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::uint64_t seen = 0;
  if (text.size() >= kWord) {
    const std::size_t last = text.size() - kWord;
    for (std::size_t i = 0; i < last; i += kWord) seen |= word_at(text, i);
    seen |= word_at(text, last);
  } else {
    for (const char c : text) seen |= static_cast<unsigned char>(c);
  }
  return (seen & 0x8080808080808080ULL) == 0;
}

bool append_float(const Stored& cell, data::ColumnBuilder& builder) {
  if (cell.storage == Class::kReal) {
    builder.append_float64(cell.real);
    return true;
  }
  if (cell.storage != Class::kInteger) return false;
  if (cell.integer > kExactDouble || cell.integer < -kExactDouble) return false;
  builder.append_float64(static_cast<double>(cell.integer));
  return true;
}

/// The digits a number is read from: an integer's, a real's shortest, or the text itself.
bool append_exact_number(const Stored& cell, data::ColumnBuilder& builder) {
  if (cell.storage == Class::kBlob) return false;
  std::string digits;
  if (cell.storage == Class::kInteger) data::append_int64(digits, cell.integer);
  if (cell.storage == Class::kReal) data::append_float64(digits, cell.real);
  const std::string_view text = cell.storage == Class::kText ? cell.bytes : digits;
  const auto type = builder.type();
  if (type.kind == Kind::kDecimal) {
    const auto value = data::parse_decimal(text, type.precision, type.scale);
    if (value) builder.append_decimal(*value);
    return value.has_value();
  }
  const auto value = data::canonical_number(text);
  if (value) builder.append_bytes(*value);
  return value.has_value();
}

bool append_json(const Stored& cell, data::ColumnBuilder& builder) {
  if (cell.storage == Class::kInteger) {
    builder.append_bytes(std::to_string(cell.integer));
    return true;
  }
  if (cell.storage != Class::kText || !is_utf8(cell.bytes)) return false;
  builder.append_bytes(cell.bytes);
  return true;
}

bool append_plain_text(const Stored& cell, data::ColumnBuilder& builder) {
  if (cell.storage != Class::kText || !is_utf8(cell.bytes)) return false;
  builder.append_bytes(cell.bytes);
  return true;
}

bool append_bool(const Stored& cell, data::ColumnBuilder& builder) {
  if (cell.storage != Class::kInteger || (cell.integer != 0 && cell.integer != 1)) return false;
  builder.append_bool(cell.integer == 1);
  return true;
}

const char* class_name(Class storage) {
  switch (storage) {
    case Class::kNull:
      return "NULL";
    case Class::kInteger:
      return "an integer";
    case Class::kReal:
      return "a real";
    case Class::kText:
      return "a text";
    case Class::kBlob:
      break;
  }
  return "a blob";
}

}  // namespace

bool is_utf8(std::string_view text) {
  return is_ascii(text) || base::find_invalid_utf8(text) == std::string_view::npos;
}

bool append_cell(const Stored& cell, data::ColumnBuilder& builder) {
  if (cell.storage == Class::kNull) {
    builder.append_null();
    return true;
  }
  switch (builder.type().kind) {
    case Kind::kInt64:
      if (cell.storage != Class::kInteger) return false;
      builder.append_int64(cell.integer);
      return true;
    case Kind::kText:
      return append_plain_text(cell, builder);
    case Kind::kFloat64:
      return append_float(cell, builder);
    case Kind::kBytes:
      if (cell.storage != Class::kBlob) return false;
      builder.append_bytes(cell.bytes);
      return true;
    case Kind::kBool:
      return append_bool(cell, builder);
    case Kind::kDecimal:
    case Kind::kNumber:
      return append_exact_number(cell, builder);
    case Kind::kJson:
      return append_json(cell, builder);
    case Kind::kUuid:
    case Kind::kDate:
    case Kind::kTime:
    case Kind::kTimestamp:
      return cell.storage == Class::kText && data::append_parsed(builder, cell.bytes);
    case Kind::kDocument:
      break;
  }
  return false;
}

bool append_untyped_cell(const Stored& cell, data::ColumnBuilder& builder) {
  if (append_cell(cell, builder)) return true;
  if (cell.storage == Class::kBlob || builder.type().kind == Kind::kBytes) return false;
  if (cell.storage == Class::kText && !is_utf8(cell.bytes)) return false;
  std::string digits;
  if (cell.storage == Class::kInteger) data::append_int64(digits, cell.integer);
  if (cell.storage == Class::kReal) data::append_float64(digits, cell.real);
  return data::append_parsed(builder, cell.storage == Class::kText ? cell.bytes : digits);
}

data::RowError cell_error(const Stored& cell, const data::Type& type) {
  data::RowError error;
  error.value = text_of(cell);
  if (cell.storage == Class::kText && !is_utf8(cell.bytes)) {
    error.code = "E406";
    error.reason = "the text is not UTF-8";
    return error;
  }
  error.code = "E403";
  const bool has_form = cell.storage == Class::kText && type.kind != Kind::kBytes &&
                        type.kind != Kind::kBool && type.kind != Kind::kInt64 &&
                        type.kind != Kind::kFloat64;
  error.reason = std::string("the column is ") + data::type_name(type) + ", the database holds " +
                 class_name(cell.storage) + (has_form ? " that is none" : "");
  return error;
}

}  // namespace engine::connectors::sqlite
