#include "property/support/random_value.h"

namespace engine::testing {
namespace {

std::string text_literal(const std::string& bytes) {
  return "CAST(x'" + hex_of(bytes) + "' AS TEXT)";
}

const std::vector<std::string>& texts() {
  static const std::vector<std::string> values = {
      "",
      "a",
      "A",
      "abc",
      " a ",
      "\xc3\xa4",
      "a\xcc\x88",
      "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
      "\xf0\x9f\x98\x80",
      std::string("a\0b", 3),
      std::string("\0", 1),
      "007",
      "1e5",
      "12345678901234567.89",
      "it's",
      "two\nlines\r\n",
      "NULL",
      "-",
      "\xef\xbf\xbd",
      std::string(5000, 'x'),
  };
  return values;
}

}  // namespace

std::string hex_of(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out;
}

std::string RandomValues::integer() {
  if (chance(60)) return std::to_string(static_cast<std::int64_t>(below(400)) - 100);
  if (chance(20)) return std::to_string(static_cast<std::int64_t>(random_()));
  return one_of<std::string>({"0", "1", "-1", "9223372036854775807", "-9223372036854775808",
                              "9223372036854775806", "9007199254740993", "4294967296"});
}

std::string RandomValues::real() {
  // One text a number, so that keys which differ as text differ: never 47.5 and 47.50.
  if (chance(40)) return std::to_string(below(1000)) + "." + std::to_string(below(1000)) + "1";
  return one_of<std::string>({"0.0", "0.1", "1.0", "-1.5", "1e300", "-1e-300", "5e-324", "9e999",
                              "-9e999", "9007199254740992.0", "1.7976931348623157e308", "123456.75",
                              "9223372036854775807.0"});
}

std::string RandomValues::text() {
  if (chance(40)) return text_literal(one_of(texts()));
  std::string out;
  for (std::size_t left = below(12); left > 0; --left) out += static_cast<char>('a' + below(26));
  return text_literal(out);
}

std::string RandomValues::bytes() {
  std::string out;
  for (std::size_t left = below(9); left > 0; --left) out += static_cast<char>(below(256));
  if (chance(10)) out.assign(3, '\0');
  return "x'" + hex_of(out) + "'";
}

std::string RandomValues::literal(ValueKind kind) {
  switch (kind) {
    case ValueKind::kInteger:
      return integer();
    case ValueKind::kReal:
      return real();
    case ValueKind::kText:
      return text();
    case ValueKind::kBytes:
      return bytes();
    case ValueKind::kBool:
      return chance(50) ? "1" : "0";
    case ValueKind::kDecimal:
      return one_of<std::string>({"0", "12", "12.5", "-0.25", "99999999.99", "0.01", "-7",
                                  std::to_string(below(10000)) + ".75"});
    case ValueKind::kDecimalText:
      return one_of<std::string>({"'0.0000'", "'1.5000'", "'-1.5000'",
                                  "'1234567890123456789012345678901234.5678'", "'0.0001'",
                                  "'" + std::to_string(below(1000)) + ".2500'"});
    case ValueKind::kStamp:
      return "'2024-01-0" + std::to_string(1 + below(9)) + " 10:00:00'";
  }
  return "NULL";
}

std::string RandomValues::key_literal(ValueKind kind) {
  if (kind == ValueKind::kInteger && chance(85)) return std::to_string(below(150));
  if (kind == ValueKind::kText && chance(70)) {
    return text_literal("k" + std::to_string(below(150)));
  }
  if (kind == ValueKind::kReal && chance(80)) return std::to_string(below(100)) + ".5";
  return literal(kind);
}

std::string RandomValues::declared(ValueKind kind) {
  switch (kind) {
    case ValueKind::kInteger:
      return one_of<std::string>({"INTEGER", "BIGINT", "INT"});
    case ValueKind::kReal:
      return one_of<std::string>({"REAL", "DOUBLE PRECISION"});
    case ValueKind::kText:
      return one_of<std::string>({"TEXT", "VARCHAR(80)"});
    case ValueKind::kBytes:
      return "BLOB";
    case ValueKind::kBool:
      return "BOOLEAN";
    case ValueKind::kDecimal:
      return "DECIMAL(12,2)";
    case ValueKind::kDecimalText:
      return "DECIMAL_TEXT(38,4)";
    case ValueKind::kStamp:
      return "DATETIME";
  }
  return {};
}

}  // namespace engine::testing
