#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace engine::data {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// Decimals are 128-bit integers counted in units of 10^-scale; |value| < 10^38. Every operation
/// returns nullopt on overflow; none ever rounds unless its name says so.

Int128 power_of_ten(int exponent);  ///< 0..38

/// "-12.340" at scale 2 -> -1234 only when nothing is lost, nullopt otherwise; accepts sign,
/// digits, point, exponent.
std::optional<Int128> parse_decimal(std::string_view text, int precision, int scale);
/// -1234 at scale 2 -> "-12.34"; always `scale` digits after the point.
std::string decimal_text(Int128 value, int scale);
void append_decimal(std::string& out, Int128 value, int scale);

/// Changes the scale without loss, or nullopt.
std::optional<Int128> rescale_exact(Int128 value, int from_scale, int to_scale, int precision);
/// Changes the scale rounding half away from zero (PostgreSQL's numeric rounding), nullopt when it
/// does not fit.
std::optional<Int128> rescale_rounded(Int128 value, int from_scale, int to_scale, int precision);

std::optional<Int128> add(Int128 a, Int128 b);
std::optional<Int128> subtract(Int128 a, Int128 b);
std::optional<Int128> multiply(Int128 a, Int128 b);

/// The canonical text of any exact number: no plus sign, no leading zeros, no trailing zeros after
/// the point, no point at the end, no exponent, "0" for zero. "1.50e3" -> "1500". nullopt when the
/// text is no number (NaN and infinities are none). This is the form of Kind::kNumber and the one
/// in which exact numbers are hashed for ids.
std::optional<std::string> canonical_number(std::string_view text);
/// -1, 0, 1 by value; both in canonical form.
int compare_numbers(std::string_view a, std::string_view b);

}  // namespace engine::data
