#include "connectors/postgres/encode.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"
#include "connectors/postgres/bytes.h"
#include "connectors/postgres/calendar.h"
#include "connectors/postgres/numeric.h"
#include "connectors/postgres/row_stream.h"
#include "data/value_text.h"

namespace engine::connectors::postgres {
namespace {

using data::Kind;

constexpr std::uint32_t kNullLength = 0xffffffff;
constexpr std::uint16_t kEnd = 0xffff;
constexpr std::int32_t kNumericHeader = 4;

template <typename Unsigned, typename Value>
void put(std::string& out, Value value) {
  append_big_endian(out, static_cast<Unsigned>(value));
}

int decimals_of(Wire wire, std::int32_t modifier) {
  if (wire != Wire::kNumeric || modifier < kNumericHeader) return -1;
  return (((modifier - kNumericHeader) & 0x7ff) ^ 1024) - 1024;
}

std::int64_t tick_of(Wire wire, std::int32_t modifier) {
  std::int64_t tick = 1;
  if (wire != Wire::kTime && wire != Wire::kTimestamp) return tick;
  for (int digits = fraction_digits({0, modifier, ""}); digits < 6; ++digits) tick *= 10;
  return tick;
}

bool is_exact(Kind kind) {
  return kind == Kind::kInt64 || kind == Kind::kDecimal || kind == Kind::kNumber;
}

}  // namespace

void append_stream_start(std::string& out) {
  out.append(kRowsSignature);
  out.append(8, '\0');
}
void append_stream_end(std::string& out) {
  put<std::uint16_t>(out, kEnd);
}
void append_row_start(std::string& out, std::size_t fields) {
  put<std::uint16_t>(out, fields);
}
void append_null_cell(std::string& out) {
  put<std::uint32_t>(out, kNullLength);
}
void append_int4_cell(std::string& out, std::int32_t value) {
  put<std::uint32_t>(out, sizeof(value));
  put<std::uint32_t>(out, value);
}

CellEncoder::CellEncoder(std::string table, const connect::ColumnInfo& info,
                         const ShapeColumn& column)
    : table_(std::move(table)),
      name_(info.name),
      declared_(column.declared),
      type_(info.type),
      wire_(column.wire),
      decimals_(decimals_of(column.wire, column.modifier)),
      tick_us_(tick_of(column.wire, column.modifier)) {}

bool CellEncoder::takes(const data::Type& column, const data::Type& wanted) {
  if (wanted.nanos) return false;
  if (column.kind == Kind::kDecimal || column.kind == Kind::kNumber) return is_exact(wanted.kind);
  if (column.kind == Kind::kTimestamp) return column == wanted;
  return column.kind == wanted.kind;
}

void CellEncoder::refuse(const std::string& why) const {
  throw base::Error(base::Fault::kData, "E407",
                    "table " + base::quoted(table_) + ", column " + base::quoted(name_) + ", " +
                        declared_ + ": " + why,
                    "nothing was written; change the value in the plan, or the column");
}

std::string CellEncoder::stage_type() const {
  switch (wire_) {
    case Wire::kInt2:
      return "pg_catalog.int2";
    case Wire::kInt4:
      return "pg_catalog.int4";
    case Wire::kOid:
      return "pg_catalog.oid";
    case Wire::kFloat4:
      return "pg_catalog.float4";
    case Wire::kNumeric:
    case Wire::kAsNumeric:
      return "pg_catalog.numeric";
    case Wire::kText:
    case Wire::kAsText:
      return "pg_catalog.text";
    case Wire::kJsonb:
      return "pg_catalog.jsonb";
    default:
      return declared_of_type(type_);
  }
}

std::string CellEncoder::from_stage(const std::string& term) const {
  return wire_ == Wire::kAsText || wire_ == Wire::kAsNumeric ? term + "::" + declared_ : term;
}

void CellEncoder::append(std::string& out, const data::Column& cells, std::size_t row) const {
  if (cells.is_null(row)) return append_null_cell(out);
  const std::size_t at = out.size();
  put<std::uint32_t>(out, 0);
  append_value(out, cells, row);
  std::string length;
  put<std::uint32_t>(length, out.size() - at - sizeof(std::uint32_t));
  out.replace(at, length.size(), length);
}

void CellEncoder::append_value(std::string& out, const data::Column& cells, std::size_t row) const {
  switch (wire_) {
    case Wire::kBool:
      return put<std::uint8_t>(out, cells.bool_at(row) ? 1 : 0);
    case Wire::kInt2:
    case Wire::kInt4:
    case Wire::kInt8:
    case Wire::kOid:
      return append_integer(out, cells.int64_at(row));
    case Wire::kFloat8:
      return put<std::uint64_t>(out, std::bit_cast<std::uint64_t>(cells.float64_at(row)));
    case Wire::kFloat4: {
      const double value = cells.float64_at(row);
      const auto narrow = static_cast<float>(value);
      if (static_cast<double>(narrow) != value && !std::isnan(value)) {
        refuse("the number has more digits than the column keeps");
      }
      return put<std::uint32_t>(out, std::bit_cast<std::uint32_t>(narrow));
    }
    case Wire::kNumeric:
    case Wire::kAsNumeric:
      return append_exact(out, cells, row);
    case Wire::kJsonb:
      out += '\1';
      return append_text(out, cells.bytes_at(row));
    case Wire::kText:
    case Wire::kAsText:
    case Wire::kJson:
      return append_text(out, cells.bytes_at(row));
    case Wire::kBytes:
    case Wire::kUuid:
      out.append(cells.bytes_at(row));
      return;
    case Wire::kDate:
      return put<std::uint32_t>(out, cells.date_at(row) - kDaysToEpoch);
    case Wire::kTime:
    case Wire::kTimestamp: {
      const std::int64_t value = cells.int64_at(row);
      if (value % tick_us_ != 0) refuse("the time has more decimals than the column keeps");
      return put<std::uint64_t>(out, wire_ == Wire::kTime ? value : value - kUsToEpoch);
    }
  }
}

void CellEncoder::append_integer(std::string& out, std::int64_t value) const {
  const auto fits = [&](std::int64_t least, std::int64_t greatest) {
    if (value < least || value > greatest) refuse("the number is out of the column's range");
  };
  switch (wire_) {
    case Wire::kInt2:
      fits(INT16_MIN, INT16_MAX);
      return put<std::uint16_t>(out, value);
    case Wire::kInt4:
      fits(INT32_MIN, INT32_MAX);
      return put<std::uint32_t>(out, value);
    case Wire::kOid:
      fits(0, UINT32_MAX);
      return put<std::uint32_t>(out, value);
    default:
      return put<std::uint64_t>(out, value);
  }
}

/// The server would round what has more decimals, and refuses what has more digits in front.
void CellEncoder::append_exact(std::string& out, const data::Column& cells, std::size_t row) const {
  const std::string digits =
      data::canonical_number(data::value_text(cells, row)).value_or(std::string());
  const auto point = digits.find('.');
  const auto decimals =
      point == std::string::npos ? 0 : static_cast<int>(digits.size() - point - 1);
  if (decimals_ >= 0 && decimals > decimals_) {
    refuse("the number has more decimals than the column keeps");
  }
  if (!append_numeric(out, digits)) refuse("the number has more digits than PostgreSQL keeps");
}

void CellEncoder::append_text(std::string& out, std::string_view text) const {
  if (text.find('\0') != std::string_view::npos) refuse("PostgreSQL's texts hold no NUL character");
  out.append(text);
}

}  // namespace engine::connectors::postgres
