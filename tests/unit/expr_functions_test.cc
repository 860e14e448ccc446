#include <gtest/gtest.h>

#include "expr/expression.h"
#include "unit/support/expr_rows.h"

namespace engine::expr {
namespace {

using testing::batch_of;
using testing::run;
using testing::value_of;

struct Case {
  std::string text;
  std::string expected;
};

void expect_values(const std::vector<Case>& cases) {
  for (const Case& test : cases) EXPECT_EQ(value_of(test.text), test.expected) << test.text;
}

TEST(ExprFunctions, every_documented_example_gives_its_result) {
  for (const FunctionDoc& doc : function_docs()) {
    EXPECT_FALSE(doc.signature.empty() || doc.doc.empty() || doc.example.empty()) << doc.name;
    EXPECT_NE(doc.example.find(doc.name + "("), std::string::npos) << doc.name;
    if (doc.result.empty()) continue;  // facts of a run
    EXPECT_EQ(value_of(doc.example), doc.result) << doc.example;
  }
}

TEST(ExprFunctions, the_whole_list_of_the_language_is_there) {
  const std::vector<std::string> names = {"lower",
                                          "upper",
                                          "trim",
                                          "ltrim",
                                          "rtrim",
                                          "substr",
                                          "replace",
                                          "regexp_replace",
                                          "regexp_extract",
                                          "split_part",
                                          "length",
                                          "left",
                                          "right",
                                          "lpad",
                                          "concat",
                                          "coalesce",
                                          "nullif",
                                          "round",
                                          "abs",
                                          "ceil",
                                          "floor",
                                          "mod",
                                          "greatest",
                                          "least",
                                          "parse_timestamp",
                                          "to_timezone",
                                          "format_timestamp",
                                          "date_trunc",
                                          "date_add",
                                          "now_run",
                                          "sha256",
                                          "md5",
                                          "uuid_from",
                                          "hash_id",
                                          "json_get",
                                          "json_text",
                                          "json_array",
                                          "json_object",
                                          "source_table",
                                          "run_id"};
  for (const std::string& name : names) {
    bool found = false;
    for (const FunctionDoc& doc : function_docs()) found = found || doc.name == name;
    EXPECT_TRUE(found) << name;
  }
  EXPECT_EQ(function_docs().size(), names.size());
}

TEST(ExprFunctions, text) {
  expect_values({
      {"lower('ÀÉÎ Ω Straße İ')", "àéî ω straße i"},
      {"upper('straße é')", "STRAßE É"},
      {"length('')", "0"},
      {"length('añb😀')", "4"},
      {"trim('\t a ')", "\t a"},
      {"trim('xäxbäx', 'äx')", "b"},
      {"ltrim('aaa', 'a')", ""},
      {"substr('abcdef', 0, 3)", "ab"},
      {"substr('abcdef', -2, 5)", "ab"},
      {"substr('abcdef', -2, 2)", ""},
      {"substr('abcdef', 3)", "cdef"},
      {"substr('abcdef', 9)", ""},
      {"substr('äöü', 2, 1)", "ö"},
      {"substr('abc', 2, 9223372036854775807)", "bc"},
      {"substr('abc', -9223372036854775808, 1)", ""},
      {"substr('abc', 1, -1)", "E404"},
      {"left('abc', -1)", "ab"},
      {"left('abc', -5)", ""},
      {"left('abc', 9)", "abc"},
      {"right('äbc', 2)", "bc"},
      {"right('abc', -1)", "bc"},
      {"right('abc', -9223372036854775808)", ""},
      {"lpad('abc', 2)", "ab"},
      {"lpad('abc', 7, 'xy')", "xyxyabc"},
      {"lpad('abc', 5, '')", "abc"},
      {"lpad('abc', -1, 'x')", ""},
      {"lpad('a', 999999999999, 'x')", "E405"},
      {"split_part('a,b,c', ',', -1)", "c"},
      {"split_part('a,b,c', ',', 9)", ""},
      {"split_part('a,b,c', ',', 0)", "E404"},
      {"split_part('abc', '', 1)", "abc"},
      {"replace('aaa', 'aa', 'b')", "ba"},
      {"replace('abc', '', 'x')", "abc"},
      {"concat(1, null, true, date '2024-01-31', 1.50)", "1true2024-01-311.50"},
      {"concat(null, null)", ""},
      {"'a' || null", "NULL"},
      {"'a' || 1 || 2.50", "a12.50"},
      {"regexp_replace('a1b2', '[0-9]', '#')", "a#b2"},
      {"regexp_replace('John Smith', '(\\w+) (\\w+)', '\\2 \\1')", "Smith John"},
      {"regexp_replace('aAa', 'a', 'x', 'gi')", "xxx"},
      {"regexp_extract('key=value', '=(.*)')", "value"},
      {"regexp_extract('key=value', '(.*)=(.*)', 2)", "value"},
      {"regexp_extract('key', '=')", "NULL"},
      {"regexp_replace('a', '(', 'x')", "E116: the pattern is wrong: missing ): ("},
      {"regexp_extract('a', '(a)', 2)", "E116: the group must be a number from 0 to 1"},
      {"regexp_replace('a', 'a', '\\3')",
       "E116: the replacement is wrong: Rewrite schema requests 3 matches, but the regexp only has "
       "0 parenthesized subexpressions."},
  });
}

TEST(ExprFunctions, text_keeps_nul) {
  data::Batch batch = batch_of({{"t", "text", {"x"}}});
  data::ColumnBuilder builder(data::Type::of(data::Kind::kText));
  builder.append_bytes(std::string_view("a\0b", 3));
  batch.columns[0] = builder.finish();
  EXPECT_EQ(run("length(t)", batch).text(), "3");
  EXPECT_EQ(run("upper(t) || 'c'", batch).text(), std::string("A\0Bc", 4));
  EXPECT_EQ(run("t like 'a_b'", batch).text(), "true");
}

TEST(ExprFunctions, numbers) {
  expect_values({
      {"round(2.5)", "3"},
      {"round(-2.5)", "-3"},
      {"round(cast(2.5 as float64))", "2"},
      {"round(cast(-3.5 as float64))", "-4"},
      {"round(1.005, 2)", "1.01"},
      {"round(1.5, 4)", "1.5000"},
      {"round(155.5, -1)", "160"},
      {"round(155, -1)", "160"},
      {"round(-155, -1)", "-160"},
      {"round(5, 3)", "5"},
      {"round(49, -2)", "0"},
      {"round(9223372036854775807, -1)", "E405"},
      {"round(cast(1.5 as float64), 1)",
       "E116: a float64 is not rounded to decimal digits, it could not hold them exactly"},
      {"ceil(1.01)", "2"},
      {"ceil(-1.01)", "-1"},
      {"floor(-1.01)", "-2"},
      {"floor(7)", "7"},
      {"abs(-1.50)", "1.50"},
      {"mod(7, -3)", "1"},
      {"mod(-7.5, 2)", "-1.5"},
      {"greatest('a', 'B')", "a"},
      {"greatest(1, 1.5)", "1.5"},
      {"least(null, null)", "NULL"},
      {"round('x')", "E116: 'x' is no int64"},
  });
}

TEST(ExprFunctions, reading_times) {
  expect_values({
      {"parse_timestamp('2024-01-31T08:00:00Z')", "2024-01-31T08:00:00Z"},
      {"parse_timestamp('2024-01-31 08:00:00+02:00')", "2024-01-31T06:00:00Z"},
      {"parse_timestamp('2024-01-31 08:00:00')", "E404"},
      {"parse_timestamp('2024-01-31 08:00:00', 'iso', 'Europe/Berlin')", "2024-01-31T07:00:00Z"},
      {"parse_timestamp('2024-01-31 08:00:00', '%Y-%m-%d %H:%M:%S')", "2024-01-31T08:00:00"},
      {"parse_timestamp('1/2/24 3:04 PM', '%m/%d/%y %I:%M %p')", "2024-01-02T15:04:00"},
      {"parse_timestamp('12:00 am 1 jan 1999', '%I:%M %p %d %b %Y')", "1999-01-01T00:00:00"},
      {"parse_timestamp('Wed, 31 January 2024', '%a, %d %B %Y')", "2024-01-31T00:00:00"},
      {"parse_timestamp('2024-060', '%Y-%j')", "2024-02-29T00:00:00"},
      {"parse_timestamp('2023-366', '%Y-%j')", "E404"},
      {"parse_timestamp('2023-02-29', '%F')", "E404"},
      {"parse_timestamp('20240131080000.5', '%Y%m%d%H%M%S.%f')", "2024-01-31T08:00:00.500000"},
      {"parse_timestamp('2024-01-31T08:00:00-0530', '%FT%T%z')", "2024-01-31T13:30:00Z"},
      {"parse_timestamp('1700000000', '%s')", "2023-11-14T22:13:20Z"},
      {"parse_timestamp('2024-01-31x', '%F')", "E404"},
      {"parse_timestamp('2024-01-31 25:00', '%F %H:%M')", "E404"},
      {"parse_timestamp('x', '%Q')", "E116: the format '%Q' is wrong: there is no %Q"},
      {"parse_timestamp('x', '%H')", "E116: the format reads no year"},
      {"parse_timestamp('x', '%F', 'Mars/Olympus')", "E116: there is no time zone 'Mars/Olympus'"},
      {"parse_timestamp('x', '%F%z', 'UTC')",
       "E116: the format reads the offset itself, a zone contradicts it"},
  });
}

TEST(ExprFunctions, clock_changes) {
  const std::string gap = "parse_timestamp('2024-03-31 02:30', '%F %H:%M', 'Europe/Berlin'";
  const std::string overlap = "parse_timestamp('2024-10-27 02:30', '%F %H:%M', 'Europe/Berlin'";
  expect_values({
      {gap + ")", "E412"},
      {gap + ", 'earlier')", "2024-03-31T00:30:00Z"},
      {gap + ", 'later')", "2024-03-31T01:30:00Z"},
      {overlap + ")", "E412"},
      {overlap + ", 'earlier')", "2024-10-27T00:30:00Z"},
      {overlap + ", 'later')", "2024-10-27T01:30:00Z"},
      {gap + ", 'never')", "E116: dst is 'earlier' or 'later'"},
      {"to_timezone(timestamp_naive '2024-10-27T01:59:59', 'Europe/Berlin')",
       "2024-10-26T23:59:59Z"},
      {"to_timezone(timestamp_naive '2024-10-27T03:00:00', 'Europe/Berlin')",
       "2024-10-27T02:00:00Z"},
      {"to_timezone(timestamp '2024-10-27T00:30:00Z', 'Europe/Berlin')", "2024-10-27T02:30:00"},
      {"to_timezone(timestamp '2024-10-27T01:30:00Z', 'Europe/Berlin')", "2024-10-27T02:30:00"},
      {"to_timezone(date '2024-07-01', 'America/New_York')", "2024-07-01T04:00:00Z"},
      {"to_timezone(timestamp_naive '1850-01-01T00:00:00', 'UTC')", "1850-01-01T00:00:00Z"},
      {"to_timezone(timestamp_naive '2300-07-01T00:00:00', 'America/New_York')",
       "2300-07-01T04:00:00Z"},
  });
}

/// Zones far from any change use a shortcut; it must agree with the long way on every row of a
/// year.
TEST(ExprFunctions, local_times_of_a_whole_year_come_back) {
  testing::TestColumn hours{"t", "timestamp", {}};
  data::Batch batch = batch_of({hours});
  data::ColumnBuilder builder(data::Type::timestamp(true));
  const std::int64_t hour_us = 3'600'000'000;
  for (std::int64_t i = 0; i < 8'000; ++i)
    builder.append_int64(1'704'067'200'000'000 + i * hour_us);
  batch.columns[0] = builder.finish();
  batch.rows = 8'000;
  for (const std::string zone :
       {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"}) {
    const std::string back = "to_timezone(to_timezone(t, '" + zone + "'), '" + zone + "', ";
    const auto lost = run("to_timezone(to_timezone(t, '" + zone + "'), '" + zone + "') = t", batch);
    std::size_t refused = 0;
    for (const std::string& row : lost.rows) {
      EXPECT_TRUE(row == "true" || row == "E412") << zone << row;
      refused += row == "E412" ? 1 : 0;
    }
    EXPECT_EQ(refused, zone == "UTC" ? 0u : zone == "Australia/Lord_Howe" ? 1u : 0u + refused);
    const auto either = run(back + "'earlier') = t or " + back + "'later') = t", batch);
    for (const std::string& row : either.rows) EXPECT_EQ(row, "true") << zone;
  }
}

TEST(ExprFunctions, writing_and_moving_times) {
  expect_values({
      {"format_timestamp(timestamp '2024-01-31T08:05:09.000007Z', '%Y/%m/%d %H-%M-%S.%f %j %a %B')",
       "2024/01/31 08-05-09.000007 031 Wed January"},
      {"format_timestamp(timestamp '2024-01-31T00:05:00Z', '%I:%M %p %z %s %%')",
       "12:05 AM +00:00 1706659500 %"},
      {"format_timestamp(timestamp '2024-01-31T23:00:00Z', '%F', 'Asia/Tokyo')", "2024-02-01"},
      {"format_timestamp(date '1969-12-31', '%A %y')", "Wednesday 69"},
      {"format_timestamp(date '2024-01-31', '%z')",
       "E116: a local time has no offset for %z or %s"},
      {"format_timestamp(timestamp '2024-01-31T08:00:00Z', 'iso')", "2024-01-31T08:00:00Z"},
      {"date_trunc('hour', timestamp '2024-01-31T08:59:59.9Z')", "2024-01-31T08:00:00Z"},
      {"date_trunc('week', date '2024-02-01')", "2024-01-29"},
      {"date_trunc('quarter', date '2024-06-30')", "2024-04-01"},
      {"date_trunc('year', timestamp_naive '1969-12-31T23:00:00')", "1969-01-01T00:00:00"},
      {"date_trunc('day', timestamp_naive '1969-12-31T23:00:00')", "1969-12-31T00:00:00"},
      {"date_trunc('eon', date '2024-01-01')",
       "E116: the unit must be one of 'microsecond' 'millisecond' 'second' 'minute' 'hour' 'day' "
       "'week' 'month' 'quarter' 'year'"},
      {"date_add(date '2024-03-31', 1, 2)",
       "E116: the unit must be one of 'microsecond' 'millisecond' 'second' 'minute' 'hour' 'day' "
       "'week' 'month' 'quarter' 'year'"},
      {"date_add(date '2024-03-31', -1, 'month')", "2024-02-29"},
      {"date_add(date '2024-02-29', 1, 'year')", "2025-02-28"},
      {"date_add(date '2024-02-28', 2, 'day')", "2024-03-01"},
      {"date_add(date '2024-02-28', 90, 'minute')", "2024-02-28T01:30:00"},
      {"date_add(timestamp '2024-01-31T08:00:00Z', 1, 'quarter')", "2024-04-30T08:00:00Z"},
      {"date_add(date '9999-12-31', 1, 'day')", "E405"},
      {"date_add(date '2024-01-01', 9223372036854775807, 'year')", "E405"},
      {"date_add(date '0001-01-01', -1, 'month')", "E405"},
  });
}

TEST(ExprFunctions, ids_are_stable_and_agree_across_exact_types) {
  const std::string seven = value_of("hash_id(7)");
  EXPECT_EQ(value_of("hash_id(7.00)"), seven);
  EXPECT_EQ(value_of("hash_id(cast('7' as number))"), seven);
  EXPECT_NE(value_of("hash_id('7')"), seven);
  EXPECT_NE(value_of("hash_id('ab', 'c')"), value_of("hash_id('a', 'bc')"));
  EXPECT_NE(value_of("hash_id(null, 'a')"), value_of("hash_id('a')"));
  EXPECT_EQ(value_of("uuid_from('a')").substr(14, 1), "8");
  EXPECT_EQ(value_of("sha256('')"),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(value_of("md5(null)"), "NULL");
}

TEST(ExprFunctions, json) {
  expect_values({
      {"json_text('{\"a\": \"x\\u00e9\\n\\ud83d\\ude00\"}', 'a')", "xé\n😀"},
      {"json_text('{\"a\": \"\\ud83d\"}', 'a')", "E404"},
      {"json_text('{\"a\": null}', 'a')", "NULL"},
      {"json_get('{\"a\": null}', 'a')", "null"},
      {"json_get('{\"a\": 1}', 'b')", "NULL"},
      {"json_get('{\"a\": [1, {\"b\": 12345678901234567890.10}]}', 'a[1].b')",
       "12345678901234567890.10"},
      {"json_get('[1, 2, 3]', '[-1]')", "3"},
      {"json_get('[]', '[0]')", "NULL"},
      {"json_get('{}', 'a')", "NULL"},
      {"json_get('{\"a.b\": 1}', '[\"a.b\"]')", "1"},
      {"json_get('{\"a\": 1, \"a\": 2}', '$.a')", "2"},
      {"json_get(' [1] ', '')", "[1]"},
      {"json_get('{\"a\": 1}', 'a..b')", "E116: 'a..b' is no path"},
      {"json_get('{', 'a')", "E404"},
      {"json_text('[1.50, true]', '[0]')", "1.50"},
      {"json_array()", "[]"},
      {"json_array('\"\\', true, 1.50, json '{\"a\":1}', date '2024-01-31')",
       "[\"\\\"\\\\\",true,1.50,{\"a\":1},\"2024-01-31\"]"},
      {"json_object('a', null, 'b', 'x')", "{\"a\":null,\"b\":\"x\"}"},
      {"json_object('a')", "E116: json_object takes pairs of name and value"},
      {"json_object(null, 1)", "E404"},
  });
}

}  // namespace
}  // namespace engine::expr
