#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/decimal.h"

namespace engine::connectors::postgres {

/// The server's exact numbers in binary rows (numeric_send): four numbers of 16 bits - how many
/// digits, the place of the first, the sign, how many decimals are shown - and then the digits to
/// the base of 10,000.

/// In units of 10^-scale; nullopt when that loses something, does not fit, or is no number.
std::optional<data::Int128> numeric_as_decimal(std::string_view wire, int scale);
/// In the canonical form of Kind::kNumber; nullopt when it is no number (NaN, an infinity).
std::optional<std::string> numeric_as_number(std::string_view wire);
/// "NaN", "Infinity", "-Infinity" or the digits: for messages.
std::string numeric_words(std::string_view wire);

/// Appends the number of a text of digits ("-12.340"), whose decimals are kept. False, and nothing
/// appended, when it has more digits than the server takes.
bool append_numeric(std::string& out, std::string_view digits);

}  // namespace engine::connectors::postgres
