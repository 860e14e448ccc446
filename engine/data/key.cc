#include "data/key.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/text.h"
#include "data/value_text.h"

namespace engine::data {
namespace {

constexpr char kNull = '\x00';
constexpr char kPresent = '\x01';
constexpr std::size_t kShownBytes = 100;

/// Big-endian, so that memcmp order is the order of the unsigned numbers.
template <typename T>
void append_big_endian(std::string& out, T value) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  if constexpr (sizeof(T) == 8) {
    value = __builtin_bswap64(value);
  } else {
    value = __builtin_bswap32(value);
  }
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

constexpr std::uint64_t kSign64 = std::uint64_t{1} << 63;

void append_signed(std::string& out, std::int64_t value) {
  append_big_endian(out, static_cast<std::uint64_t>(value) ^ kSign64);
}

void append_float(std::string& out, double value) {
  if (std::isnan(value)) value = std::bit_cast<double>(std::uint64_t{0x7FF8000000000000});
  if (value == 0) value = 0;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  append_big_endian(out, (bits & kSign64) != 0 ? ~bits : bits | kSign64);
}

void append_decimal_key(std::string& out, Int128 value) {
  const auto bits = static_cast<UInt128>(value);
  append_big_endian(out, static_cast<std::uint64_t>(bits >> 64) ^ kSign64);
  append_big_endian(out, static_cast<std::uint64_t>(bits));
}

void append_escaped(std::string& out, std::string_view bytes) {
  for (auto zero = bytes.find('\0'); zero != bytes.npos; zero = bytes.find('\0')) {
    out.append(bytes.substr(0, zero + 1));
    out += '\xFF';
    bytes.remove_prefix(zero + 1);
  }
  out.append(bytes);
  out.append(2, '\0');
}

/// A canonical number: 1 negative, 2 zero, 3 positive; the place of the first digit (4 bytes); the
/// digits without zeros at either end; a zero byte. For negative numbers all after the first byte
/// is complemented.
void append_number(std::string& out, std::string_view text) {
  if (text == "0") {
    out += '\x02';
    return;
  }
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  out += negative ? '\x01' : '\x03';
  const std::size_t begin = out.size();
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::size_t first = text.find_first_not_of("0.");
  const std::size_t last = text.find_last_not_of("0.");
  const std::int64_t place =
      static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) + (first > point ? 1 : 0);
  append_big_endian(out, static_cast<std::uint32_t>(place) ^ 0x80000000U);
  for (std::size_t i = first; i <= last; ++i) {
    if (text[i] != '.') out += text[i];
  }
  out += '\0';
  if (!negative) return;
  for (std::size_t i = begin; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
}

void append_value(std::string& out, const Column& column, std::size_t row) {
  switch (column.type().kind) {
    case Kind::kBool:
      out += column.bool_at(row) ? '\x01' : '\x00';
      return;
    case Kind::kInt64:
    case Kind::kTime:
    case Kind::kTimestamp:
      return append_signed(out, column.int64_at(row));
    case Kind::kFloat64:
      return append_float(out, column.float64_at(row));
    case Kind::kDecimal:
      return append_decimal_key(out, column.decimal_at(row));
    case Kind::kDate:
      return append_signed(out, column.date_at(row));
    case Kind::kUuid:
      out.append(column.bytes_at(row));
      return;
    case Kind::kNumber:
      return append_number(out, column.bytes_at(row));
    case Kind::kText:
    case Kind::kBytes:
    case Kind::kJson:
    case Kind::kDocument:
      return append_escaped(out, column.bytes_at(row));
  }
}

/// One value of a key as a message shows it: no control bytes, no more than a line of it.
std::string shown(const Column& column, std::size_t row) {
  if (column.is_null(row)) return "NULL";
  std::string text = value_text(column, row);
  const bool cut = text.size() > kShownBytes;
  if (cut) {
    std::size_t end = kShownBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text.resize(end);
  }
  const std::string safe = base::quoted(text);
  return safe.substr(1, safe.size() - 2) + (cut ? "..." : "");
}

}  // namespace

void append_key(std::string& out, const Batch& batch, const std::vector<std::size_t>& columns,
                std::size_t row) {
  for (const auto index : columns) {
    const Column& column = batch.column(index);
    if (column.is_null(row)) {
      out += kNull;
      continue;
    }
    out += kPresent;
    append_value(out, column, row);
  }
}

std::string key_of(const Batch& batch, const std::vector<std::size_t>& columns, std::size_t row) {
  std::string out;
  append_key(out, batch, columns, row);
  return out;
}

bool key_has_null(const Batch& batch, const std::vector<std::size_t>& columns, std::size_t row) {
  for (const auto index : columns) {
    if (batch.column(index).is_null(row)) return true;
  }
  return false;
}

std::string key_text(const Batch& batch, const std::vector<std::size_t>& columns, std::size_t row) {
  std::string out;
  for (const auto index : columns) {
    if (!out.empty()) out += ", ";
    out += batch.schema->fields[index].name + "=" + shown(batch.column(index), row);
  }
  return out;
}

bool cells_equal(const Column& a, std::size_t row_a, const Column& b, std::size_t row_b) {
  const bool a_null = a.is_null(row_a);
  if (a_null || b.is_null(row_b)) return a_null && b.is_null(row_b);
  switch (a.type().kind) {
    case Kind::kBool:
      return a.bool_at(row_a) == b.bool_at(row_b);
    case Kind::kInt64:
    case Kind::kTime:
    case Kind::kTimestamp:
    case Kind::kFloat64:  // as bits
      return a.int64_at(row_a) == b.int64_at(row_b);
    case Kind::kDecimal:
      return a.decimal_at(row_a) == b.decimal_at(row_b);
    case Kind::kDate:
      return a.date_at(row_a) == b.date_at(row_b);
    case Kind::kUuid:
    case Kind::kNumber:
    case Kind::kText:
    case Kind::kBytes:
    case Kind::kJson:
    case Kind::kDocument:
      break;
  }
  return a.bytes_at(row_a) == b.bytes_at(row_b);
}

}  // namespace engine::data
