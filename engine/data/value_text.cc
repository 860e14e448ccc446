#include "data/value_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "data/decimal.h"

namespace engine::data {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

/// The division of PostgreSQL's and ISO's calendars: the rest is never negative.
struct Divided {
  std::int64_t quotient;
  std::int64_t rest;
};
Divided divide_down(std::int64_t value, std::int64_t by) {
  const std::int64_t rest = value % by;
  return rest < 0 ? Divided{value / by - 1, rest + by} : Divided{value / by, rest};
}

/// Zero-padded decimal digits.
void append_digits(std::string& out, std::int64_t value, std::size_t width) {
  std::array<char, 20> buffer;
  char* const end = buffer.data() + buffer.size();
  char* begin = end;
  for (; value != 0 || static_cast<std::size_t>(end - begin) < width; value /= 10) {
    *--begin = static_cast<char>('0' + value % 10);
  }
  out.append(begin, end);
}

void append_nanos(std::string& out, std::int64_t ns, bool zoned) {
  const auto [us, rest] = divide_down(ns, 1000);
  append_timestamp(out, us, false);
  if (rest != 0) {
    if (us % kSecond == 0) out += ".000000";
    append_digits(out, rest, 3);
  }
  if (zoned) out += 'Z';
}

}  // namespace

void append_int64(std::string& out, std::int64_t value) {
  std::array<char, 24> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), result.ptr);
}

// The form PostgreSQL prints: plain digits from 1e-4 up to 1e15, an exponent outside.
void append_float64(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  const double size = std::fabs(value);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e15);
  std::array<char, 64> buffer;
  const auto result =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  out.append(buffer.data(), result.ptr);
}

void append_date(std::string& out, std::int32_t days) {
  const Civil civil = civil_from_days(days);
  if (civil.year < 0 || civil.year > 9999) out += civil.year < 0 ? '-' : '+';
  append_digits(out, civil.year < 0 ? -civil.year : civil.year, 4);
  out += '-';
  append_digits(out, civil.month, 2);
  out += '-';
  append_digits(out, civil.day, 2);
}

void append_time(std::string& out, std::int64_t us) {
  append_digits(out, us / (3600 * kSecond), 2);
  out += ':';
  append_digits(out, us / (60 * kSecond) % 60, 2);
  out += ':';
  append_digits(out, us / kSecond % 60, 2);
  if (us % kSecond == 0) return;
  out += '.';
  append_digits(out, us % kSecond, 6);
}

void append_timestamp(std::string& out, std::int64_t us, bool zoned) {
  const auto [day, time] = divide_down(us, kDay);
  append_date(out, static_cast<std::int32_t>(day));
  out += 'T';
  append_time(out, time);
  if (zoned) out += 'Z';
}

void append_uuid(std::string& out, std::string_view bytes) {
  const std::string digits = base::hex(bytes);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += digits[i];
  }
}

void append_hex_bytes(std::string& out, std::string_view bytes) {
  out += "\\x";
  out += base::hex(bytes);
}

void append_value_text(std::string& out, const Column& column, std::size_t row) {
  const Type type = column.type();
  switch (type.kind) {
    case Kind::kBool:
      out += column.bool_at(row) ? "true" : "false";
      return;
    case Kind::kInt64:
      return append_int64(out, column.int64_at(row));
    case Kind::kFloat64:
      return append_float64(out, column.float64_at(row));
    case Kind::kDecimal:
      return append_decimal(out, column.decimal_at(row), type.scale);
    case Kind::kDate:
      return append_date(out, column.date_at(row));
    case Kind::kTime:
      return append_time(out, column.int64_at(row));
    case Kind::kTimestamp:
      if (type.nanos) return append_nanos(out, column.int64_at(row), type.zoned);
      return append_timestamp(out, column.int64_at(row), type.zoned);
    case Kind::kBytes:
      return append_hex_bytes(out, column.bytes_at(row));
    case Kind::kUuid:
      return append_uuid(out, column.bytes_at(row));
    case Kind::kNumber:
    case Kind::kText:
    case Kind::kJson:
    case Kind::kDocument:
      out += column.bytes_at(row);
      return;
  }
}

std::string value_text(const Column& column, std::size_t row) {
  std::string out;
  append_value_text(out, column, row);
  return out;
}

std::int32_t days_from_civil(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

Civil civil_from_days(std::int32_t days) {
  const std::int64_t z = std::int64_t{days} + 719468;
  const std::int64_t era = divide_down(z, 146097).quotient;
  const auto day_of_era = static_cast<int>(z - era * 146097);
  const int year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int shifted_month = (5 * day_of_year + 2) / 153;
  const int day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const int month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const int year = year_of_era + static_cast<int>(era) * 400 + (month <= 2 ? 1 : 0);
  return {year, month, day};
}

}  // namespace engine::data
