#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "data/decimal.h"

namespace engine::data {
namespace {

std::string parsed(std::string_view text, int precision, int scale) {
  const auto value = parse_decimal(text, precision, scale);
  return value ? decimal_text(*value, scale) : "none";
}

TEST(Decimal, ParsesWithoutLoss) {
  EXPECT_EQ(parsed("-12.34", 12, 2), "-12.34");
  EXPECT_EQ(parsed("-12.340", 12, 2), "-12.34");
  EXPECT_EQ(parsed("-12.345", 12, 2), "none");
  EXPECT_EQ(parsed("+7", 12, 2), "7.00");
  EXPECT_EQ(parsed(".5", 12, 2), "0.50");
  EXPECT_EQ(parsed("5.", 12, 2), "5.00");
  EXPECT_EQ(parsed("-0.05", 12, 2), "-0.05");
  EXPECT_EQ(parsed("1.5e3", 12, 2), "1500.00");
  EXPECT_EQ(parsed("15e-1", 12, 2), "1.50");
  EXPECT_EQ(parsed("0e999999999999", 12, 2), "0.00");
  EXPECT_EQ(parsed("-0.00", 12, 2), "0.00");
  EXPECT_EQ(parsed("00012", 2, 0), "12");
}

TEST(Decimal, RefusesWhatIsNoNumber) {
  for (const char* text : {"", " ", "-", ".", "-.", "+", "1 ", " 1", "1,5", "1e", "1e+", "e5",
                           "0x1", "NaN", "inf", "1.2.3", "--1", "1-"}) {
    EXPECT_EQ(parsed(text, 38, 4), "none") << text;
  }
}

TEST(Decimal, KeepsItsPrecision) {
  const std::string nines(38, '9');
  EXPECT_EQ(parsed(nines, 38, 0), nines);
  EXPECT_EQ(parsed("-" + nines, 38, 0), "-" + nines);
  EXPECT_EQ(parsed(nines + "9", 38, 0), "none");
  EXPECT_EQ(parsed("1e38", 38, 0), "none");
  EXPECT_EQ(parsed("100", 2, 0), "none");
  EXPECT_EQ(parsed("99.99", 4, 2), "99.99");
  EXPECT_EQ(parsed("100.00", 4, 2), "none");
  EXPECT_EQ(parsed("0." + std::string(37, '0') + "1", 38, 38), "0." + std::string(37, '0') + "1");
  EXPECT_EQ(parsed("9223372036854775808", 38, 0), "9223372036854775808");
  EXPECT_EQ(parsed("999999999999999999", 38, 0), "999999999999999999");
}

TEST(Decimal, Text) {
  EXPECT_EQ(decimal_text(0, 0), "0");
  EXPECT_EQ(decimal_text(0, 3), "0.000");
  EXPECT_EQ(decimal_text(-1, 3), "-0.001");
  EXPECT_EQ(decimal_text(-1234, 2), "-12.34");
  EXPECT_EQ(decimal_text(1000, 3), "1.000");
  EXPECT_EQ(decimal_text(power_of_ten(38) - 1, 38), "0." + std::string(38, '9'));
}

TEST(Decimal, RandomValuesReadBack) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const int digits = 1 + static_cast<int>(random() % 38);
    const int scale = static_cast<int>(random() % static_cast<unsigned>(digits + 1));
    const auto raw = static_cast<UInt128>(random()) << 64 | random();
    Int128 value = static_cast<Int128>(raw % static_cast<UInt128>(power_of_ten(digits)));
    if (random() % 2 == 0) value = -value;
    const std::string text = decimal_text(value, scale);
    ASSERT_EQ(parse_decimal(text, digits, scale), value) << text;
    const auto canonical = canonical_number(text);
    ASSERT_TRUE(canonical);
    ASSERT_EQ(parse_decimal(*canonical, digits, scale), value) << *canonical;
  }
}

TEST(Decimal, Rescaling) {
  EXPECT_EQ(rescale_exact(150, 2, 1, 38), Int128{15});
  EXPECT_EQ(rescale_exact(155, 2, 1, 38), std::nullopt);
  EXPECT_EQ(rescale_exact(15, 1, 3, 38), Int128{1500});
  EXPECT_EQ(rescale_exact(15, 1, 3, 3), std::nullopt);
  EXPECT_EQ(rescale_exact(power_of_ten(37), 0, 5, 38), std::nullopt);
  EXPECT_EQ(rescale_rounded(25, 1, 0, 38), Int128{3}) << "half away from zero";
  EXPECT_EQ(rescale_rounded(-25, 1, 0, 38), Int128{-3});
  EXPECT_EQ(rescale_rounded(24, 1, 0, 38), Int128{2});
  EXPECT_EQ(rescale_rounded(-149, 2, 0, 38), Int128{-1});
  EXPECT_EQ(rescale_rounded(995, 2, 1, 2), std::nullopt) << "9.95 -> 10.0 needs three digits";
}

TEST(Decimal, ArithmeticEndsAt38Digits) {
  const Int128 most = power_of_ten(38) - 1;
  EXPECT_EQ(add(most, 0), most);
  EXPECT_EQ(add(most, 1), std::nullopt);
  EXPECT_EQ(add(most, most), std::nullopt);
  EXPECT_EQ(subtract(-most, most), std::nullopt);
  EXPECT_EQ(subtract(most, most), Int128{0});
  EXPECT_EQ(multiply(power_of_ten(19), power_of_ten(18)), power_of_ten(37));
  EXPECT_EQ(multiply(power_of_ten(19), power_of_ten(19)), std::nullopt);
  EXPECT_EQ(multiply(power_of_ten(30), power_of_ten(30)), std::nullopt);
}

TEST(Number, CanonicalForm) {
  EXPECT_EQ(canonical_number("1.50e3"), "1500");
  EXPECT_EQ(canonical_number("+007.2500"), "7.25");
  EXPECT_EQ(canonical_number("-0.00"), "0");
  EXPECT_EQ(canonical_number("0e99999999999999999999"), "0");
  EXPECT_EQ(canonical_number("12e-5"), "0.00012");
  EXPECT_EQ(canonical_number("-120e-1"), "-12");
  EXPECT_EQ(canonical_number(".5"), "0.5");
  EXPECT_EQ(canonical_number("123456789012345678901234567890.5"),
            "123456789012345678901234567890.5");
  EXPECT_EQ(canonical_number("1e200000"), std::nullopt) << "a few bytes must not become many";
  EXPECT_EQ(canonical_number("1e-200000"), std::nullopt);
  for (const char* text : {"", "NaN", "Infinity", "1e", "1_000", "١"}) {
    EXPECT_EQ(canonical_number(text), std::nullopt) << text;
  }
}

TEST(Number, ComparesByValue) {
  const std::vector<std::string> ascending = {
      "-1000", "-12.5", "-12",   "-0.5", "-0.05",
      "0",     "0.001", "0.01",  "0.5",  "0.51",
      "9",     "10",    "10.01", "123",  "1000000000000000000000"};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      const int expected = i < j ? -1 : i > j ? 1 : 0;
      EXPECT_EQ(compare_numbers(ascending[i], ascending[j]), expected)
          << ascending[i] << " " << ascending[j];
    }
  }
}

}  // namespace
}  // namespace engine::data
