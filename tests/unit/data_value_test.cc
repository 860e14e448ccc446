#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/value.h"
#include "data/value_text.h"

namespace engine::data {
namespace {

/// The text of what `text` denotes in a type, or "none".
std::string round(const char* type, std::string_view text) {
  ColumnBuilder builder(parse_type(type).value());
  if (!append_parsed(builder, text)) {
    EXPECT_EQ(builder.size(), 0U);
    return "none";
  }
  return value_text(*builder.finish(), 0);
}

TEST(ValueText, Bool) {
  for (const char* text : {"true", "T", "YES", "1"}) EXPECT_EQ(round("bool", text), "true");
  for (const char* text : {"False", "f", "no", "0"}) EXPECT_EQ(round("bool", text), "false");
  for (const char* text : {"", "2", "on", "tru", " true"}) EXPECT_EQ(round("bool", text), "none");
}

TEST(ValueText, Int64) {
  EXPECT_EQ(round("int64", "-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(round("int64", "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(round("int64", "+07"), "7");
  for (const char* text :
       {"", "9223372036854775808", "1.0", "1e3", "+-1", " 1", "1 ", "0x1", "-"}) {
    EXPECT_EQ(round("int64", text), "none") << text;
  }
}

TEST(ValueText, Float64) {
  EXPECT_EQ(round("float64", "0.1"), "0.1");
  EXPECT_EQ(round("float64", "-0"), "-0");
  EXPECT_EQ(round("float64", "100000"), "100000");
  EXPECT_EQ(round("float64", "1e15"), "1e+15");
  EXPECT_EQ(round("float64", "999999999999999"), "999999999999999");
  EXPECT_EQ(round("float64", "0.0001"), "0.0001");
  EXPECT_EQ(round("float64", "0.00001"), "1e-05");
  EXPECT_EQ(round("float64", "+5.50"), "5.5");
  EXPECT_EQ(round("float64", "5e-324"), "5e-324");
  EXPECT_EQ(round("float64", "nan"), "NaN");
  EXPECT_EQ(round("float64", "-Infinity"), "-Infinity");
  EXPECT_EQ(round("float64", "inf"), "Infinity");
  for (const char* text :
       {"", "1e400", "1e-400", "0x1p3", "1,5", "--1", "-+1", "infinit", "-nan"}) {
    EXPECT_EQ(round("float64", text), "none") << text;
  }
}

TEST(ValueText, FloatsReadBackBitForBit) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 50000; ++i) {
    const double value = i % 2 == 0 ? std::bit_cast<double>(random())
                                    : static_cast<double>(random() % 1'000'000) / 100;
    if (std::isnan(value)) continue;
    std::string text;
    append_float64(text, value);
    const auto again = parse_float64(text);
    ASSERT_TRUE(again) << text;
    ASSERT_EQ(std::bit_cast<std::uint64_t>(*again), std::bit_cast<std::uint64_t>(value)) << text;
  }
}

TEST(ValueText, Date) {
  EXPECT_EQ(round("date", "2024-02-29"), "2024-02-29");
  EXPECT_EQ(round("date", "0001-01-01"), "0001-01-01");
  EXPECT_EQ(round("date", "9999-12-31"), "9999-12-31");
  for (const char* text :
       {"2023-02-29", "2024-13-01", "2024-00-01", "2024-01-32", "2024-1-1", "0000-01-01",
        "24-01-01", "2024-01-01T00:00", "2024/01/01", "1900-02-29"}) {
    EXPECT_EQ(round("date", text), "none") << text;
  }
}

TEST(ValueText, EveryDayOfTheCalendarReadsBack) {
  Civil last = civil_from_days(days_from_civil(1, 1, 1) - 1);
  for (std::int32_t day = days_from_civil(1, 1, 1); day <= days_from_civil(9999, 12, 31); ++day) {
    const Civil civil = civil_from_days(day);
    ASSERT_EQ(days_from_civil(civil.year, civil.month, civil.day), day);
    const bool next_day = civil.day == last.day + 1 && civil.month == last.month;
    const bool next_month = civil.day == 1 && (civil.month == last.month + 1 ||
                                               (civil.month == 1 && civil.year == last.year + 1));
    ASSERT_TRUE(next_day || next_month) << day;
    last = civil;
  }
  EXPECT_EQ(days_from_civil(1970, 1, 1), 0);
  EXPECT_EQ(days_from_civil(2000, 3, 1), 11017);
}

TEST(ValueText, YearsOutsideTheCalendarAreStillWrittenExactly) {
  std::string text;
  append_date(text, days_from_civil(12345, 1, 1));
  append_date(text, days_from_civil(-44, 3, 15));
  EXPECT_EQ(text, "+12345-01-01-0044-03-15");
  text.clear();
  append_timestamp(text, std::numeric_limits<std::int64_t>::min(), false);
  EXPECT_EQ(text, "-290308-12-21T19:59:05.224192");
}

TEST(ValueText, Time) {
  EXPECT_EQ(round("time", "08:00"), "08:00:00");
  EXPECT_EQ(round("time", "23:59:59.5"), "23:59:59.500000");
  EXPECT_EQ(round("time", "00:00:00.000001000"), "00:00:00.000001");
  for (const char* text : {"24:00", "8:00", "08:60", "08:00:60", "08:00:00.", "08:00:00.0000001"}) {
    EXPECT_EQ(round("time", text), "none") << text;
  }
}

TEST(ValueText, Timestamp) {
  EXPECT_EQ(round("timestamp", "2024-01-31T08:00:00Z"), "2024-01-31T08:00:00Z");
  EXPECT_EQ(round("timestamp", "2024-01-31 08:00:00.25+02"), "2024-01-31T06:00:00.250000Z");
  EXPECT_EQ(round("timestamp", "2024-01-31t23:30-0130"), "2024-02-01T01:00:00Z");
  EXPECT_EQ(round("timestamp", "1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(round("timestamp_naive", "2024-01-31"), "2024-01-31T00:00:00");
  EXPECT_EQ(round("timestamp_naive", "2024-01-31 08:00"), "2024-01-31T08:00:00");
  EXPECT_EQ(round("timestamp_naive", "2024-01-31 08:00:00.100"), "2024-01-31T08:00:00.100000");
}

TEST(ValueText, NobodyGuessesAZone) {
  EXPECT_EQ(round("timestamp", "2024-01-31T08:00:00"), "none");
  EXPECT_EQ(round("timestamp", "2024-01-31"), "none");
  EXPECT_EQ(round("timestamp_naive", "2024-01-31T08:00:00Z"), "none");
  EXPECT_EQ(parse_timestamp("2024-01-31T08:00:00").value().zoned, false);
  EXPECT_EQ(parse_timestamp("1970-01-01T01:00:00+01:00").value().us, 0);
}

TEST(ValueText, BadTimestamps) {
  for (const char* text :
       {"2024-01-31T08:00:00 Z", "2024-01-31T", "2024-01-31T08", "2024-01-31T08:00:00+1",
        "2024-01-31T08:00:00+16:00", "2024-01-31T08:00:00+01:", "2024-01-31T08:00:00.1234567Z",
        "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00", "2024-01-31T08:00:00Zx"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

TEST(ValueText, Nanoseconds) {
  EXPECT_EQ(round("timestamp_ns", "2024-01-31T08:00:00.123456789Z"),
            "2024-01-31T08:00:00.123456789Z");
  EXPECT_EQ(round("timestamp_ns", "2024-01-31T08:00:00.000000001Z"),
            "2024-01-31T08:00:00.000000001Z");
  EXPECT_EQ(round("timestamp_naive_ns", "2024-01-31T08:00:00.5"), "2024-01-31T08:00:00.500000");
  EXPECT_EQ(round("timestamp_ns", "1969-12-31T23:59:59.999999999Z"),
            "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(round("timestamp_ns", "2024-01-31T08:00:00.1234567891Z"), "none");
  EXPECT_EQ(round("timestamp_ns", "2263-01-01T00:00:00Z"), "none");
}

TEST(ValueText, OtherKinds) {
  EXPECT_EQ(round("uuid", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"),
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  EXPECT_EQ(round("uuid", "f81d4fae7dec11d0a76500a0c91e6bf6"),
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  EXPECT_EQ(round("uuid", "f81d4fae-7dec11d0-a765-00a0c91e6bf6-"), "none");
  EXPECT_EQ(round("uuid", "g81d4fae7dec11d0a76500a0c91e6bf6"), "none");
  EXPECT_EQ(round("bytes", "\\x0aFF"), "\\x0aff");
  EXPECT_EQ(round("bytes", "\\x"), "\\x");
  EXPECT_EQ(round("bytes", "\\x0"), "none");
  EXPECT_EQ(round("bytes", "0aff"), "none");
  EXPECT_EQ(round("number", "1.500"), "1.5");
  EXPECT_EQ(round("decimal(12,2)", "3.5"), "3.50");
  EXPECT_EQ(round("text", std::string_view("a\0b", 3)), std::string("a\0b", 3));
  EXPECT_EQ(round("text", "\xFF"), "none");
  EXPECT_EQ(round("json", "{\"a\": 1.0}"), "{\"a\": 1.0}");
}

Value value_of(const char* type, const char* text) {
  const auto value = parse_value(parse_type(type).value(), text);
  EXPECT_TRUE(value) << type << " " << text;
  return value.value_or(Value{});
}

TEST(Value, GoesIntoAColumnAndBack) {
  for (const auto& [type, text] : std::vector<std::pair<const char*, const char*>>{
           {"bool", "true"},
           {"int64", "-5"},
           {"float64", "0.5"},
           {"decimal(5,2)", "1.25"},
           {"number", "1.25"},
           {"date", "2024-01-31"},
           {"time", "08:00:00"},
           {"timestamp", "2024-01-31T08:00:00Z"},
           {"text", "x"},
           {"bytes", "\\x00"},
           {"uuid", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
           {"json", "[]"},
           {"document", "d"}}) {
    const Value value = value_of(type, text);
    EXPECT_EQ(value_text(value), text);
    ColumnBuilder builder(value.type);
    append_value(builder, value);
    append_value(builder, Value::null_of(value.type));
    const ColumnPtr column = builder.finish();
    EXPECT_EQ(value_at(*column, 0), value) << type;
    EXPECT_TRUE(value_at(*column, 1).null);
    EXPECT_EQ(compare(value, value_at(*column, 0)), 0);
    EXPECT_EQ(compare(value, value_at(*column, 1)), -1) << "NULL comes last";
  }
  EXPECT_EQ(value_text(Value::null_of(Type{})), "NULL");
  EXPECT_EQ(parse_value(Type::of(Kind::kInt64), "x"), std::nullopt);
}

TEST(Value, AnotherScaleIsABug) {
  ColumnBuilder builder(Type::decimal(10, 3));
  EXPECT_THROW(append_value(builder, Value::of_decimal(125, 10, 2)), base::Error);
}

TEST(Value, NumbersCompareExactlyAcrossTypes) {
  const std::vector<Value> ascending = {
      Value::of_float64(-std::numeric_limits<double>::infinity()),
      value_of("number", "-1e30"),
      Value::of_int64(std::numeric_limits<std::int64_t>::min()),
      Value::of_decimal(-150, 10, 2),
      Value::of_float64(-0.0),
      Value::of_decimal(10, 38, 2),
      Value::of_float64(0.1),  // 0.1000000000000000055
      Value::of_int64(9007199254740993),
      Value::of_float64(9007199254740994.0),
      Value::of_int64(std::numeric_limits<std::int64_t>::max()),
      Value::of_float64(9223372036854775808.0),
      Value::of_float64(1.7e308),
      Value::of_float64(std::numeric_limits<double>::infinity()),
      Value::of_float64(std::numeric_limits<double>::quiet_NaN()),
  };
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(compare(ascending[i], ascending[j]), i < j   ? -1
                                                     : i > j ? 1
                                                             : 0)
          << value_text(ascending[i]) << " " << value_text(ascending[j]);
    }
  }
  EXPECT_EQ(compare(Value::of_int64(7), value_of("number", "7.0")), 0);
  EXPECT_EQ(compare(Value::of_int64(7), Value::of_decimal(700, 5, 2)), 0);
  EXPECT_EQ(compare(Value::of_float64(0.0), Value::of_float64(-0.0)), 0);
}

TEST(Value, WhatComparesWithWhat) {
  EXPECT_TRUE(comparable(Type::of(Kind::kText), Type::of(Kind::kJson)));
  EXPECT_FALSE(comparable(Type::timestamp(true), Type::timestamp(false)));
  EXPECT_FALSE(comparable(Type::of(Kind::kText), Type::of(Kind::kInt64)));
  EXPECT_FALSE(comparable(Type::of(Kind::kText), Type::of(Kind::kBytes)));
  EXPECT_THROW(compare(Value::of_int64(1), Value::of_text("1")), base::Error);
  EXPECT_EQ(compare(Value::of_text("a"), Value::of_text("B")), 1) << "as bytes";
  EXPECT_EQ(compare(value_of("timestamp", "2024-01-01T00:00:00.000001Z"),
                    value_of("timestamp_ns", "2024-01-01T00:00:00.000000999Z")),
            1);
}

}  // namespace
}  // namespace engine::data
