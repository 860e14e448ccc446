#include "data/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/error.h"

namespace engine::data {
namespace {

constexpr int kMaxDigits = 38;
/// PostgreSQL's own limits of numeric; a text of a few bytes must not name a number of a gigabyte.
constexpr std::int64_t kMaxIntegerDigits = 131072;
constexpr std::int64_t kMaxFractionDigits = 16383;

constexpr std::array<Int128, kMaxDigits + 1> make_powers() {
  std::array<Int128, kMaxDigits + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr auto kPowers = make_powers();

std::size_t digits_at(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return end - begin;
}

/// A number as written: sign, digits before and after the point, exponent.
struct Written {
  bool negative = false;
  std::string_view integer;
  std::string_view fraction;
  std::int64_t exponent = 0;
};

/// Exponents beyond int32 are as good as that: no number in range has one, unless it is zero.
std::optional<std::int64_t> parse_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || digits_at(text, 0) != text.size()) return std::nullopt;
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  std::int64_t value = 0;
  for (const char c : text) value = std::min(kMost, value * 10 + (c - '0'));
  return negative ? -value : value;
}

std::optional<Written> read_number(std::string_view text) {
  Written out;
  out.negative = text.starts_with('-');
  if (out.negative || text.starts_with('+')) text.remove_prefix(1);
  out.integer = text.substr(0, digits_at(text, 0));
  text.remove_prefix(out.integer.size());
  if (text.starts_with('.')) {
    out.fraction = text.substr(1, digits_at(text, 1));
    text.remove_prefix(1 + out.fraction.size());
  }
  if (out.integer.empty() && out.fraction.empty()) return std::nullopt;
  if (text.empty()) return out;
  if (text[0] != 'e' && text[0] != 'E') return std::nullopt;
  const auto exponent = parse_exponent(text.substr(1));
  if (!exponent) return std::nullopt;
  out.exponent = *exponent;
  return out;
}

/// The same number as digits without zeros at either end, times 10^exponent; no digits for zero.
struct Significant {
  std::string digits;
  std::int64_t exponent = 0;
};

Significant significant_of(const Written& number) {
  Significant out;
  out.digits.reserve(number.integer.size() + number.fraction.size());
  out.digits = number.integer;
  out.digits += number.fraction;
  out.exponent = number.exponent - static_cast<std::int64_t>(number.fraction.size());
  const auto last = out.digits.find_last_not_of('0');
  if (last == std::string::npos) return {};
  out.exponent += static_cast<std::int64_t>(out.digits.size() - 1 - last);
  out.digits.resize(last + 1);
  out.digits.erase(0, out.digits.find_first_not_of('0'));
  return out;
}

/// nullopt when it does not fit in 10^38; at most 38 digits are looked at.
std::optional<Int128> digits_value(std::string_view digits) {
  if (digits.size() > kMaxDigits) return std::nullopt;
  Int128 value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

Int128 absolute(Int128 value) {
  return value < 0 ? -value : value;
}

std::optional<Int128> within(Int128 value, int precision) {
  if (absolute(value) >= kPowers[static_cast<std::size_t>(precision)]) return std::nullopt;
  return value;
}

/// A plain number of at most 18 digits, which is nearly every one; nullopt: take the long way.
std::optional<Int128> parse_plain(std::string_view text, int precision, int scale) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  int after_point = -1;
  for (const char c : text) {
    if (c == '.' && after_point < 0) {
      after_point = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
    if (after_point >= 0) ++after_point;
  }
  if (text.size() < 2 && after_point >= 0) return std::nullopt;
  const int missing = scale - std::max(after_point, 0);
  if (missing < 0 || missing > 19) return std::nullopt;
  const Int128 scaled = static_cast<Int128>(value) * power_of_ten(missing);
  return within(negative ? -scaled : scaled, precision);
}

}  // namespace

Int128 power_of_ten(int exponent) {
  if (exponent < 0 || exponent > kMaxDigits) base::bug("power of ten out of range");
  return kPowers[static_cast<std::size_t>(exponent)];
}

std::optional<Int128> parse_decimal(std::string_view text, int precision, int scale) {
  if (const auto plain = parse_plain(text, precision, scale)) return plain;
  const auto written = read_number(text);
  if (!written) return std::nullopt;
  const Significant number = significant_of(*written);
  if (number.digits.empty()) return Int128{0};
  const std::int64_t shift = number.exponent + scale;
  if (shift < 0 || shift > kMaxDigits) return std::nullopt;
  const auto value = digits_value(number.digits);
  if (!value || number.digits.size() + static_cast<std::size_t>(shift) > kMaxDigits) {
    return std::nullopt;
  }
  const Int128 scaled = *value * power_of_ten(static_cast<int>(shift));
  return within(written->negative ? -scaled : scaled, precision);
}

void append_decimal(std::string& out, Int128 value, int scale) {
  std::array<char, 48> buffer;
  char* const end = buffer.data() + buffer.size();
  char* begin = end;
  auto rest = static_cast<UInt128>(absolute(value));
  const auto push = [&](std::uint64_t digit) {
    *--begin = static_cast<char>('0' + digit);
    if (end - begin == scale) *--begin = '.';
  };
  // 64-bit division while it suffices: the 128-bit one is a library call.
  while (rest > std::numeric_limits<std::uint64_t>::max()) {
    push(static_cast<std::uint64_t>(rest % 10));
    rest /= 10;
  }
  auto low = static_cast<std::uint64_t>(rest);
  for (; low != 0; low /= 10) push(low % 10);
  // At least one digit before the point; the point itself is one of the characters once it is
  // written.
  while (end - begin < scale || begin == end || *begin == '.') push(0);
  if (value < 0) *--begin = '-';
  out.append(begin, end);
}

std::string decimal_text(Int128 value, int scale) {
  std::string out;
  append_decimal(out, value, scale);
  return out;
}

std::optional<Int128> rescale_exact(Int128 value, int from_scale, int to_scale, int precision) {
  if (to_scale >= from_scale) {
    const auto scaled = multiply(value, power_of_ten(to_scale - from_scale));
    return scaled ? within(*scaled, precision) : std::nullopt;
  }
  const Int128 unit = power_of_ten(from_scale - to_scale);
  if (value % unit != 0) return std::nullopt;
  return within(value / unit, precision);
}

std::optional<Int128> rescale_rounded(Int128 value, int from_scale, int to_scale, int precision) {
  if (to_scale >= from_scale) return rescale_exact(value, from_scale, to_scale, precision);
  const Int128 unit = power_of_ten(from_scale - to_scale);
  const Int128 rest = absolute(value % unit);
  Int128 rounded = value / unit;
  if (rest >= unit - rest) rounded += value < 0 ? -1 : 1;
  return within(rounded, precision);
}

std::optional<Int128> add(Int128 a, Int128 b) {
  Int128 sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return within(sum, kMaxDigits);
}

std::optional<Int128> subtract(Int128 a, Int128 b) {
  Int128 difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) return std::nullopt;
  return within(difference, kMaxDigits);
}

std::optional<Int128> multiply(Int128 a, Int128 b) {
  Int128 product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return within(product, kMaxDigits);
}

std::optional<std::string> canonical_number(std::string_view text) {
  const auto written = read_number(text);
  if (!written) return std::nullopt;
  const Significant number = significant_of(*written);
  if (number.digits.empty()) return "0";
  const auto count = static_cast<std::int64_t>(number.digits.size());
  const std::int64_t before_point = count + number.exponent;
  if (before_point > kMaxIntegerDigits || -number.exponent > kMaxFractionDigits) {
    return std::nullopt;
  }
  std::string out = written->negative ? "-" : "";
  if (number.exponent >= 0) {
    return out + number.digits + std::string(static_cast<std::size_t>(number.exponent), '0');
  }
  if (before_point <= 0) {
    return out + "0." + std::string(static_cast<std::size_t>(-before_point), '0') + number.digits;
  }
  const auto point = static_cast<std::size_t>(before_point);
  return out + number.digits.substr(0, point) + "." + number.digits.substr(point);
}

int compare_numbers(std::string_view a, std::string_view b) {
  const bool a_negative = a.starts_with('-');
  const bool b_negative = b.starts_with('-');
  if (a_negative != b_negative) return a_negative ? -1 : 1;
  if (a_negative) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  const std::size_t a_integer = std::min(a.find('.'), a.size());
  const std::size_t b_integer = std::min(b.find('.'), b.size());
  // Canonical forms have no zeros to skip: more digits before the point is more, else the bytes
  // decide.
  int order = a_integer < b_integer ? -1 : a_integer > b_integer ? 1 : a.compare(b);
  order = order < 0 ? -1 : order > 0 ? 1 : 0;
  return a_negative ? -order : order;
}

}  // namespace engine::data
