#include "connectors/postgres/cells.h"

#include <bit>
#include <cstdint>

#include "base/error.h"
#include "base/text.h"
#include "connectors/postgres/bytes.h"
#include "connectors/postgres/calendar.h"
#include "connectors/postgres/numeric.h"
#include "data/value_text.h"

namespace engine::connectors::postgres {
namespace {

using data::ColumnBuilder;
using data::Kind;

constexpr std::size_t kShownBytes = 200;

template <typename Unsigned>
Unsigned number(std::string_view value) {
  if (value.size() == sizeof(Unsigned)) return big_endian<Unsigned>(value.data());
  throw base::Error(base::Fault::kTransient, "E209",
                    "a row of PostgreSQL holds a value of " + std::to_string(value.size()) +
                        " bytes where its type has " + std::to_string(sizeof(Unsigned)));
}

std::int64_t integer(Wire wire, std::string_view value) {
  switch (wire) {
    case Wire::kInt2:
      return static_cast<std::int16_t>(number<std::uint16_t>(value));
    case Wire::kInt4:
    case Wire::kDate:
      return static_cast<std::int32_t>(number<std::uint32_t>(value));
    case Wire::kOid:
      return number<std::uint32_t>(value);
    default:
      return static_cast<std::int64_t>(number<std::uint64_t>(value));
  }
}

double real(Wire wire, std::string_view value) {
  if (wire == Wire::kFloat4) return std::bit_cast<float>(number<std::uint32_t>(value));
  return std::bit_cast<double>(number<std::uint64_t>(value));
}

bool append_numeric_cell(std::string_view value, ColumnBuilder& builder) {
  if (builder.type().kind == Kind::kDecimal) {
    const auto decimal = numeric_as_decimal(value, builder.type().scale);
    if (decimal) builder.append_decimal(*decimal);
    return decimal.has_value();
  }
  const auto digits = numeric_as_number(value);
  if (digits) builder.append_bytes(*digits);
  return digits.has_value();
}

bool append_date(std::int64_t value, ColumnBuilder& builder) {
  const std::int64_t days = value + kDaysToEpoch;
  if (days < kFirstDay || days > kLastDay) return false;
  builder.append_date(static_cast<std::int32_t>(days));
  return true;
}

bool append_timestamp(std::int64_t value, ColumnBuilder& builder) {
  if (value < kFirstDay * kDayUs - kUsToEpoch || value >= (kLastDay + 1) * kDayUs - kUsToEpoch) {
    return false;
  }
  builder.append_int64(value + kUsToEpoch);
  return true;
}

bool append_time(std::int64_t value, ColumnBuilder& builder) {
  if (value < 0 || value >= kDayUs) return false;
  builder.append_int64(value);
  return true;
}

bool append_text(std::string_view value, ColumnBuilder& builder) {
  if (base::find_invalid_utf8(value) != std::string_view::npos) return false;
  builder.append_bytes(value);
  return true;
}

/// jsonb_send begins with the version of its form, 1.
std::string_view json_text(Wire wire, std::string_view value) {
  return wire == Wire::kJsonb && !value.empty() ? value.substr(1) : value;
}

std::string words(Wire wire, std::string_view value) {
  switch (wire) {
    case Wire::kNumeric:
    case Wire::kAsNumeric:
      return numeric_words(value);
    case Wire::kDate:
    case Wire::kTime:
    case Wire::kTimestamp:
      return time_words(wire, integer(wire, value));
    default:
      return std::string(value.substr(0, kShownBytes));
  }
}

}  // namespace

bool append_cell(Wire wire, std::string_view value, ColumnBuilder& builder) {
  switch (wire) {
    case Wire::kBool:
      builder.append_bool(number<std::uint8_t>(value) != 0);
      return true;
    case Wire::kInt2:
    case Wire::kInt4:
    case Wire::kInt8:
    case Wire::kOid:
      builder.append_int64(integer(wire, value));
      return true;
    case Wire::kFloat4:
    case Wire::kFloat8:
      builder.append_float64(real(wire, value));
      return true;
    case Wire::kNumeric:
    case Wire::kAsNumeric:
      return append_numeric_cell(value, builder);
    case Wire::kText:
    case Wire::kAsText:
      return append_text(value, builder);
    case Wire::kJson:
    case Wire::kJsonb:
      return append_text(json_text(wire, value), builder);
    case Wire::kBytes:
    case Wire::kUuid:
      builder.append_bytes(value);
      return true;
    case Wire::kDate:
      return append_date(integer(wire, value), builder);
    case Wire::kTime:
      return append_time(integer(wire, value), builder);
    case Wire::kTimestamp:
      return append_timestamp(integer(wire, value), builder);
  }
  base::bug("a wire form without a reader");
}

data::RowError cell_error(Wire wire, std::string_view value, const data::Type& type) {
  data::RowError error;
  if (wire == Wire::kText || wire == Wire::kAsText || wire == Wire::kJson || wire == Wire::kJsonb) {
    error.code = "E406";
    error.reason = "the text is not UTF-8";
    return error;
  }
  error.code = "E403";
  error.value = words(wire, value);
  error.reason = "the database holds a value that " + data::type_name(type) + " does not have";
  return error;
}

}  // namespace engine::connectors::postgres
