#include "data/value_text.h"
#include "stages/checks/formats.h"

// Formats of codes and numbers: fixed alphabets, fixed places.

namespace engine::stages {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_capital_hex(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'F');
}
bool is_hex(char c) {
  return is_capital_hex(c) || (c >= 'a' && c <= 'f');
}

constexpr std::size_t kVinLength = 17;
constexpr std::size_t kVinCheckPlace = 8;

/// The value of a character in the sum of the check digit (49 CFR 565.15, table III); -1: no
/// character of a VIN.
int vin_value(char c) {
  if (is_digit(c)) return c - '0';
  constexpr std::string_view kLetters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  constexpr std::string_view kValues = "12345678123457923456789";
  const std::size_t place = kLetters.find(c);
  return place == std::string_view::npos ? -1 : kValues[place] - '0';
}

/// The weighted sum modulo 11 (table IV); 10 is written X.
char vin_check_digit(std::string_view vin) {
  constexpr int kWeights[kVinLength] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (std::size_t i = 0; i < kVinLength; ++i) sum += vin_value(vin[i]) * kWeights[i];
  return sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11);
}

}  // namespace

bool is_vin(std::string_view text) {
  if (text.size() != kVinLength) return false;
  for (const char c : text) {
    if (vin_value(c) < 0) return false;
  }
  const bool north_american = text[0] >= '1' && text[0] <= '5';
  return !north_american || text[kVinCheckPlace] == vin_check_digit(text);
}

bool is_dtc(std::string_view text) {
  constexpr std::size_t kPlain = 5;
  constexpr std::size_t kWithFailureType = 8;
  if (text.size() != kPlain && text.size() != kWithFailureType) return false;
  const bool system = text[0] == 'P' || text[0] == 'B' || text[0] == 'C' || text[0] == 'U';
  if (!system || text[1] < '0' || text[1] > '3') return false;
  for (std::size_t i = 2; i < kPlain; ++i) {
    if (!is_capital_hex(text[i])) return false;
  }
  if (text.size() == kPlain) return true;
  return (text[5] == '-' || text[5] == ':') && is_capital_hex(text[6]) && is_capital_hex(text[7]);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_iso8601(std::string_view text) {
  constexpr std::size_t kDate = 10;
  if (text.size() <= kDate) return data::parse_date(text).has_value();
  if (text[kDate] != 'T') return false;
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos) return data::parse_timestamp(text).has_value();
  // Any number of decimals is right, of which the engine's own times keep six.
  std::size_t end = point + 1;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end == point + 1) return false;
  return data::parse_timestamp(std::string(text.substr(0, point)) + std::string(text.substr(end)))
      .has_value();
}

bool is_e164(std::string_view text) {
  if (text.size() < 3 || text.size() > 16 || text[0] != '+' || text[1] == '0') return false;
  for (const char c : text.substr(1)) {
    if (!is_digit(c)) return false;
  }
  return true;
}

}  // namespace engine::stages
