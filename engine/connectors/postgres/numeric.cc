#include "connectors/postgres/numeric.h"

#include <algorithm>
#include <vector>

#include "connectors/postgres/bytes.h"

namespace engine::connectors::postgres {
namespace {

using data::Int128;

constexpr std::size_t kHeader = 8;
constexpr int kGroup = 4;  ///< decimal digits of one digit
constexpr int kBase = 10'000;
constexpr int kMostDigits = 38;  ///< of a decimal
constexpr std::uint16_t kNegative = 0x4000;
constexpr std::uint16_t kNaN = 0xC000;
constexpr std::uint16_t kInfinity = 0xD000;
constexpr std::uint16_t kMinusInfinity = 0xF000;
/// https://www.postgresql.org/docs/15/datatype-numeric.html
constexpr std::size_t kMostWhole = 131'072;
constexpr std::size_t kMostDecimals = 16'383;

struct Parts {
  int count = 0;
  int weight = 0;  ///< place of the first digit, in powers of the base
  std::uint16_t sign = 0;
  const char* digits = nullptr;

  int digit(int at) const { return big_endian<std::uint16_t>(digits + 2 * at); }
  bool is_number() const { return sign == 0 || sign == kNegative; }
};

Parts parts_of(std::string_view wire) {
  Parts out;
  out.count = static_cast<std::int16_t>(big_endian<std::uint16_t>(wire.data()));
  out.weight = static_cast<std::int16_t>(big_endian<std::uint16_t>(wire.data() + 2));
  out.sign = big_endian<std::uint16_t>(wire.data() + 4);
  out.digits = wire.data() + kHeader;
  return out;
}

/// The digits of a digit, all four.
void append_group(std::string& out, int digit) {
  for (int unit = kBase / 10; unit > 0; unit /= 10) {
    out += static_cast<char>('0' + digit / unit % 10);
  }
}

std::string magnitude(const Parts& parts) {
  std::string out;
  for (int place = parts.weight; place >= 0; --place) {
    const int at = parts.weight - place;
    append_group(out, at < parts.count ? parts.digit(at) : 0);
  }
  out.erase(0, std::min(out.find_first_not_of('0'), out.size()));
  if (out.empty()) out = "0";
  const int last = parts.weight - parts.count + 1;
  if (last >= 0) return out;
  out += '.';
  for (int place = -1; place >= last; --place) {
    const int at = parts.weight - place;
    append_group(out, at >= 0 ? parts.digit(at) : 0);
  }
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

bool multiply(Int128& value, Int128 by) {
  return !__builtin_mul_overflow(value, by, &value);
}

}  // namespace

std::optional<Int128> numeric_as_decimal(std::string_view wire, int scale) {
  const Parts parts = parts_of(wire);
  if (!parts.is_number()) return std::nullopt;
  Int128 value = 0;
  for (int i = 0; i < parts.count; ++i) {
    const int power = kGroup * (parts.weight - i) + scale;  // of ten, in units of the result
    const int digit = parts.digit(i);
    if (power <= -kGroup) {
      if (digit != 0) return std::nullopt;
      continue;
    }
    if (power > kMostDigits) return std::nullopt;
    Int128 share = digit;
    if (power >= 0) {
      if (!multiply(share, data::power_of_ten(power))) return std::nullopt;
    } else {
      const Int128 unit = data::power_of_ten(-power);
      if (share % unit != 0) return std::nullopt;
      share /= unit;
    }
    if (__builtin_add_overflow(value, share, &value)) return std::nullopt;
  }
  if (value >= data::power_of_ten(kMostDigits)) return std::nullopt;
  return parts.sign == kNegative ? -value : value;
}

std::optional<std::string> numeric_as_number(std::string_view wire) {
  const Parts parts = parts_of(wire);
  if (!parts.is_number()) return std::nullopt;
  std::string out = magnitude(parts);
  if (parts.sign == kNegative) out.insert(0, 1, '-');
  return out;
}

std::string numeric_words(std::string_view wire) {
  switch (parts_of(wire).sign) {
    case kNaN:
      return "NaN";
    case kInfinity:
      return "Infinity";
    case kMinusInfinity:
      return "-Infinity";
    default:
      return numeric_as_number(wire).value_or("");
  }
}

bool append_numeric(std::string& out, std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string whole(digits.substr(0, point));
  std::string decimals(point < digits.size() ? digits.substr(point + 1) : std::string_view());
  if (whole.size() > kMostWhole || decimals.size() > kMostDecimals) return false;
  const std::size_t shown = decimals.size();
  whole.insert(0, (kGroup - whole.size() % kGroup) % kGroup, '0');
  decimals.append((kGroup - decimals.size() % kGroup) % kGroup, '0');
  int weight = static_cast<int>(whole.size()) / kGroup - 1;
  const std::string all = whole + decimals;
  std::vector<std::uint16_t> groups;
  for (std::size_t i = 0; i < all.size(); i += kGroup) {
    int digit = 0;
    for (std::size_t k = i; k < i + kGroup; ++k) digit = digit * 10 + (all[k] - '0');
    if (groups.empty() && digit == 0) {
      --weight;
    } else {
      groups.push_back(static_cast<std::uint16_t>(digit));
    }
  }
  while (!groups.empty() && groups.back() == 0) groups.pop_back();
  append_big_endian(out, static_cast<std::uint16_t>(groups.size()));
  append_big_endian(out, static_cast<std::uint16_t>(groups.empty() ? 0 : weight));
  append_big_endian(out, static_cast<std::uint16_t>(negative && !groups.empty() ? kNegative : 0));
  append_big_endian(out, static_cast<std::uint16_t>(shown));
  for (const std::uint16_t group : groups) append_big_endian(out, group);
  return true;
}

}  // namespace engine::connectors::postgres
