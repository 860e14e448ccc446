#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "data/decimal.h"
#include "data/value_text.h"

namespace engine::data {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equals_any_case(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (lower(text[i]) != lower_case[i]) return false;
  }
  return true;
}

int hex_digit(char c) {
  const char low = lower(c);
  if (low >= '0' && low <= '9') return low - '0';
  if (low >= 'a' && low <= 'f') return low - 'a' + 10;
  return -1;
}

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = hex_digit(digits[i]);
    const int low = hex_digit(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

/// Takes what it is asked for from the front of a text, or says that it is not there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly `count` digits, with a value of at most `most`.
  bool digits(std::size_t count, int most, int& value) {
    if (rest_.size() < count) return false;
    int sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      sum = sum * 10 + (rest_[i] - '0');
    }
    if (sum > most) return false;
    rest_.remove_prefix(count);
    value = sum;
    return true;
  }
  /// One or more digits after a point, in nanoseconds; digits beyond the ninth must be zeros.
  bool fraction(std::int64_t& ns) {
    std::size_t count = 0;
    ns = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      if (count < 9) ns = ns * 10 + (rest_[count] - '0');
      if (count >= 9 && rest_[count] != '0') return false;
    }
    for (std::size_t i = count; i < 9; ++i) ns *= 10;
    rest_.remove_prefix(count);
    return count > 0;
  }

 private:
  std::string_view rest_;
};

bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month == 2 && is_leap(year)) return 29;
  return kDays[static_cast<std::size_t>(month) - 1];
}

bool scan_date(Scanner& in, std::int32_t& days) {
  int year = 0;
  int month = 0;
  int day = 0;
  const bool shaped = in.digits(4, 9999, year) && in.take('-') && in.digits(2, 12, month) &&
                      in.take('-') && in.digits(2, 31, day);
  if (!shaped || year < 1 || month < 1 || day < 1 || day > days_in_month(year, month)) return false;
  days = days_from_civil(year, month, day);
  return true;
}

/// hh:mm[:ss[.f]] as seconds since midnight and nanoseconds.
bool scan_time(Scanner& in, std::int64_t& seconds, std::int64_t& ns) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  ns = 0;
  if (!in.digits(2, 23, hour) || !in.take(':') || !in.digits(2, 59, minute)) return false;
  if (in.take(':')) {
    if (!in.digits(2, 59, second)) return false;
    if (in.take('.') && !in.fraction(ns)) return false;
  }
  seconds = hour * 3600 + minute * 60 + second;
  return true;
}

/// "Z", "+hh", "+hh:mm" or "+hhmm"; seconds east of UTC, at most 15:59 as PostgreSQL has it.
bool scan_offset(Scanner& in, std::int64_t& seconds) {
  seconds = 0;
  if (in.take('Z') || in.take('z')) return true;
  const bool west = in.take('-');
  if (!west && !in.take('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!in.digits(2, 15, hours)) return false;
  const bool colon = in.take(':');
  if ((colon || !in.at_end()) && !in.digits(2, 59, minutes)) return false;
  seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
  return true;
}

/// A point in time, in seconds since the epoch and nanoseconds after it.
struct Instant {
  std::int64_t seconds = 0;
  std::int64_t ns = 0;
  bool zoned = false;
};

/// Years 0001 to 9999 in UTC too: an offset may not lead out of what can be written down.
bool within_years(std::int64_t seconds) {
  static const std::int64_t kFirst = days_from_civil(1, 1, 1) * kSecondsPerDay;
  static const std::int64_t kEnd = days_from_civil(10000, 1, 1) * kSecondsPerDay;
  return seconds >= kFirst && seconds < kEnd;
}

std::optional<Instant> scan_instant(std::string_view text) {
  Scanner in(text);
  Instant out;
  std::int32_t days = 0;
  if (!scan_date(in, days)) return std::nullopt;
  out.seconds = days * kSecondsPerDay;
  if (in.at_end()) return out;
  if (!in.take('T') && !in.take('t') && !in.take(' ')) return std::nullopt;
  std::int64_t seconds = 0;
  if (!scan_time(in, seconds, out.ns)) return std::nullopt;
  out.seconds += seconds;
  if (in.at_end()) return out;
  std::int64_t offset = 0;
  if (!scan_offset(in, offset) || !in.at_end()) return std::nullopt;
  out.seconds -= offset;
  out.zoned = true;
  if (!within_years(out.seconds)) return std::nullopt;
  return out;
}

bool append_timestamp_parsed(ColumnBuilder& builder, std::string_view text) {
  const auto instant = scan_instant(text);
  const Type type = builder.type();
  if (!instant || instant->zoned != type.zoned) return false;
  if (!type.nanos) {
    if (instant->ns % 1000 != 0) return false;
    builder.append_int64(instant->seconds * 1'000'000 + instant->ns / 1000);
    return true;
  }
  // int64 nanoseconds end in the years 1677 and 2262.
  const Int128 ns = static_cast<Int128>(instant->seconds) * 1'000'000'000 + instant->ns;
  const auto value = static_cast<std::int64_t>(ns);
  if (value != ns) return false;
  builder.append_int64(value);
  return true;
}

}  // namespace

std::optional<bool> parse_bool(std::string_view text) {
  for (const std::string_view word : {"true", "t", "yes", "1"}) {
    if (equals_any_case(text, word)) return true;
  }
  for (const std::string_view word : {"false", "f", "no", "0"}) {
    if (equals_any_case(text, word)) return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_int64(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

std::optional<double> parse_float64(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto size = negative || text.starts_with('+') ? text.substr(1) : text;
  if (size.empty()) return std::nullopt;
  if (lower(size[0]) == 'n' || lower(size[0]) == 'i') {
    if (equals_any_case(text, "nan")) return std::numeric_limits<double>::quiet_NaN();
    if (!equals_any_case(size, "infinity") && !equals_any_case(size, "inf")) return std::nullopt;
    const double infinity = std::numeric_limits<double>::infinity();
    return negative ? -infinity : infinity;
  }
  if (size[0] == '-' || size[0] == '+') return std::nullopt;
  double value = 0;
  const char* const end = size.data() + size.size();
  const auto [rest, error] = std::from_chars(size.data(), end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return negative ? -value : value;
}

std::optional<std::int32_t> parse_date(std::string_view text) {
  Scanner in(text);
  std::int32_t days = 0;
  if (!scan_date(in, days) || !in.at_end()) return std::nullopt;
  return days;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  Scanner in(text);
  std::int64_t seconds = 0;
  std::int64_t ns = 0;
  if (!scan_time(in, seconds, ns) || !in.at_end() || ns % 1000 != 0) return std::nullopt;
  return seconds * 1'000'000 + ns / 1000;
}

std::optional<ParsedTimestamp> parse_timestamp(std::string_view text) {
  const auto instant = scan_instant(text);
  if (!instant || instant->ns % 1000 != 0) return std::nullopt;
  return ParsedTimestamp{.us = instant->seconds * 1'000'000 + instant->ns / 1000,
                         .zoned = instant->zoned};
}

std::optional<std::string> parse_uuid(std::string_view text) {
  if (text.size() == 32) return from_hex(text);
  if (text.size() != 36) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) digits += text[i];
  }
  return from_hex(digits);
}

std::optional<std::string> parse_bytes(std::string_view text) {
  if (!text.starts_with("\\x")) return std::nullopt;
  return from_hex(text.substr(2));
}

namespace {

/// Appends with the given member when there is a value.
template <typename Value, typename Append>
bool append_if(ColumnBuilder& builder, const std::optional<Value>& value, Append append) {
  if (!value) return false;
  (builder.*append)(*value);
  return true;
}

}  // namespace

bool append_parsed(ColumnBuilder& builder, std::string_view text) {
  const Type type = builder.type();
  switch (type.kind) {
    case Kind::kBool:
      return append_if(builder, parse_bool(text), &ColumnBuilder::append_bool);
    case Kind::kInt64:
      return append_if(builder, parse_int64(text), &ColumnBuilder::append_int64);
    case Kind::kFloat64:
      return append_if(builder, parse_float64(text), &ColumnBuilder::append_float64);
    case Kind::kDecimal:
      return append_if(builder, parse_decimal(text, type.precision, type.scale),
                       &ColumnBuilder::append_decimal);
    case Kind::kDate:
      return append_if(builder, parse_date(text), &ColumnBuilder::append_date);
    case Kind::kTime:
      return append_if(builder, parse_time(text), &ColumnBuilder::append_int64);
    case Kind::kTimestamp:
      return append_timestamp_parsed(builder, text);
    case Kind::kNumber:
      return append_if(builder, canonical_number(text), &ColumnBuilder::append_bytes);
    case Kind::kUuid:
      return append_if(builder, parse_uuid(text), &ColumnBuilder::append_bytes);
    case Kind::kBytes:
      return append_if(builder, parse_bytes(text), &ColumnBuilder::append_bytes);
    case Kind::kText:
    case Kind::kJson:
    case Kind::kDocument:
      break;
  }
  const bool wire_form = type.kind == Kind::kDocument;
  if (!wire_form && base::find_invalid_utf8(text) != std::string_view::npos) return false;
  builder.append_bytes(text);
  return true;
}

}  // namespace engine::data
