#include <gtest/gtest.h>

#include "expr/expression.h"
#include "unit/support/expr_rows.h"

namespace engine::expr {
namespace {

using testing::batch_of;
using testing::run;
using testing::TestColumn;
using testing::value_of;

struct Case {
  std::string text;
  std::string expected;
};

data::Batch sample() {
  return batch_of(
      {{"i", "int64", {"7", "-7", "0", "NULL"}},
       {"j", "int64", {"2", "2", "0", "1"}, false},
       {"f", "float64", {"1.5", "-0.25", "0", "NULL"}},
       {"d", "decimal(12,2)", {"3.50", "-1.25", "0.00", "NULL"}},
       {"n", "number", {"12345678901234567890123456789012345678901", "2", "0", "NULL"}},
       {"t", "text", {"abc", "ABC", "", "NULL"}},
       {"b", "bool", {"true", "false", "true", "NULL"}},
       {"day", "date", {"2024-01-31", "1969-12-31", "2000-02-29", "NULL"}},
       {"ts",
        "timestamp",
        {"2024-01-31T08:00:00Z", "1969-12-31T23:59:59.500000Z", "2000-01-01T00:00:00Z", "NULL"}},
       {"local",
        "timestamp_naive",
        {"2024-01-31T08:00:00", "1969-12-31T23:59:59", "2000-01-01T00:00:00", "NULL"}}});
}

void expect_rows(const std::vector<Case>& cases) {
  const data::Batch batch = sample();
  for (const Case& test : cases)
    EXPECT_EQ(run(test.text, batch).text(), test.expected) << test.text;
}

TEST(ExprEvaluate, bare_column_is_the_column_itself) {
  const data::Batch batch = sample();
  const auto outcome = run("t", batch);
  std::vector<data::RowError> errors;
  EXPECT_EQ(evaluate(*outcome.node, batch, {}, "", errors), batch.columns[5]);
}

TEST(ExprEvaluate, arithmetic_of_int64) {
  expect_rows({{"i + j", "9|-5|0|NULL"},
               {"i - j", "5|-9|0|NULL"},
               {"i * j", "14|-14|0|NULL"},
               {"i / j", "3|-3|E404|NULL"},
               {"i % j", "1|-1|E404|NULL"},
               {"-i", "-7|7|0|NULL"},
               {"i * 9223372036854775807", "E405|E405|0|NULL"},
               {"i + 9223372036854775801", "E405|9223372036854775794|9223372036854775801|NULL"}});
  EXPECT_EQ(value_of("-9223372036854775808 / -1"), "E405");
  EXPECT_EQ(value_of("-9223372036854775808 % -1"), "0");
  EXPECT_EQ(value_of("- (-9223372036854775808)"), "E405");
  EXPECT_EQ(value_of("abs(-9223372036854775808)"), "E405");
}

TEST(ExprEvaluate, arithmetic_of_decimals_is_exact) {
  expect_rows({{"d + 1", "4.50|-0.25|1.00|NULL"},
               {"d * d", "12.2500|1.5625|0.0000|NULL"},
               {"d - 0.005", "3.495|-1.255|-0.005|NULL"},
               {"d / j", "1.7500000000000000|-0.6250000000000000|E404|NULL"},
               {"d % 2", "1.50|-1.25|0.00|NULL"},
               {"i + d", "10.50|-8.25|0.00|NULL"},
               {"-d", "-3.50|1.25|0.00|NULL"}});
  EXPECT_EQ(value_of("1.00 / 3"), "0.3333333333333333");
  EXPECT_EQ(value_of("2 / 3.0"), "0.6666666666666667");
  EXPECT_EQ(value_of("-2 / 3.0"), "-0.6666666666666667");
  EXPECT_EQ(value_of("0.1 + 0.2"), "0.3");
  EXPECT_EQ(value_of("99999999999999999999999999999999999999 + 1.0"), "E405");
  EXPECT_EQ(value_of("99999999999999999999 * 9999999999999999999999"), "E405");
  EXPECT_EQ(value_of("99999999999999999999999999999999999999 % 7.0"), "E405");
}

TEST(ExprEvaluate, arithmetic_of_floats) {
  expect_rows({{"f + 1", "2.5|0.75|1|NULL"},
               {"f * 0.5", "0.75|-0.125|0|NULL"},
               {"f / 0", "E404|E404|E404|NULL"},
               {"1 / f", "0.6666666666666666|-4|E404|NULL"},
               {"f % 1", "0.5|-0.25|0|NULL"},
               {"f * 1e308 * 1e308", "E405|E405|0|NULL"}});
}

TEST(ExprEvaluate, comparison) {
  expect_rows({{"i = 7", "true|false|false|NULL"},
               {"i <> 7", "false|true|true|NULL"},
               {"i < j", "false|true|false|NULL"},
               {"i <= 0", "false|true|true|NULL"},
               {"i > -8", "true|true|true|NULL"},
               {"i >= d", "true|false|true|NULL"},
               {"d = 3.5", "true|false|false|NULL"},
               {"d = '3.5'", "true|false|false|NULL"},
               {"f > 1.49", "true|false|false|NULL"},
               {"n > i", "true|true|false|NULL"},
               {"t = 'abc'", "true|false|false|NULL"},
               {"t < 'a'", "false|true|true|NULL"},
               {"b = true", "true|false|true|NULL"},
               {"day >= '2000-01-01'", "true|false|true|NULL"},
               {"day = local", "false|false|false|NULL"},
               {"ts < '2000-01-01T00:00:00Z'", "false|true|false|NULL"},
               {"ts < timestamp '2000-01-01T01:00:00+01:00'", "false|true|false|NULL"},
               {"i = null", "NULL|NULL|NULL|NULL"}});
  EXPECT_EQ(value_of("cast('NaN' as float64) = cast('NaN' as float64)"), "true");
  EXPECT_EQ(value_of("cast('NaN' as float64) > cast('Infinity' as float64)"), "true");
  EXPECT_EQ(value_of("9007199254740993 = 9007199254740992.0"), "false");
}

TEST(ExprEvaluate, three_valued_logic) {
  const std::vector<std::string> words = {"true", "false", "cast(null as bool)"};
  const std::vector<std::string> conjunction = {"true",  "false", "NULL",  "false", "false",
                                                "false", "NULL",  "false", "NULL"};
  const std::vector<std::string> disjunction = {"true", "true", "true", "true", "false",
                                                "NULL", "true", "NULL", "NULL"};
  for (std::size_t i = 0; i < 9; ++i) {
    const std::string a = words[i / 3];
    const std::string b = words[i % 3];
    EXPECT_EQ(value_of(a + " and " + b), conjunction[i]) << a << b;
    EXPECT_EQ(value_of(a + " or " + b), disjunction[i]) << a << b;
  }
  expect_rows({{"not b", "false|true|false|NULL"},
               {"i is null", "false|false|false|true"},
               {"i is not null", "true|true|true|false"},
               {"b and i > 0", "true|false|false|NULL"},
               {"b or i > 0", "true|false|true|NULL"}});
}

TEST(ExprEvaluate, membership) {
  expect_rows({{"i in (7, 8)", "true|false|false|NULL"},
               {"i in (7, null)", "true|NULL|NULL|NULL"},
               {"i not in (7, null)", "false|NULL|NULL|NULL"},
               {"i in (j, 7)", "true|false|true|NULL"},
               {"t in ('abc', '')", "true|false|true|NULL"},
               {"d in (3.5, 0)", "true|false|true|NULL"},
               {"day in ('2024-01-31')", "true|false|false|NULL"},
               {"ts in ('2024-01-31T09:00:00+01:00')", "true|false|false|NULL"},
               {"i between 0 and 7", "true|false|true|NULL"},
               {"i not between 0 and 7", "false|true|false|NULL"},
               {"i between null and 0", "false|NULL|NULL|NULL"}});
}

TEST(ExprEvaluate, like_is_case_sensitive_and_knows_characters) {
  const std::vector<Case> cases = {
      {"'abc' like 'a%'", "true"},
      {"'abc' like 'A%'", "false"},
      {"'abc' like '_b_'", "true"},
      {"'äöü' like '___'", "true"},
      {"'abc' like 'abc%'", "true"},
      {"'abc' like '%%c'", "true"},
      {"'a%c' like 'a\\%c'", "true"},
      {"'abc' like 'a\\%c'", "false"},
      {"'a\\c' like 'a\\\\c'", "true"},
      {"'' like ''", "true"},
      {"'' like '%'", "true"},
      {"'' like '_'", "false"},
      {"'aab' like '%ab'", "true"},
      {"'mississippi' like '%iss%ppi'", "true"},
      {"'mississippi' like '%iss%pp'", "false"},
      {"'abc' not like 'x%'", "true"},
      {"null like 'a'", "NULL"},
      {"'abc' like 'a\\'", "E116: the pattern ends in its escape character"}};
  for (const Case& test : cases) EXPECT_EQ(value_of(test.text), test.expected) << test.text;
  expect_rows({{"t like t", "true|true|true|NULL"}, {"'a' like t || '\\'", "E404|E404|E404|NULL"}});
}

TEST(ExprEvaluate, later_parts_see_only_rows_that_need_them) {
  expect_rows({{"j <> 0 and i / j > 1", "true|false|false|NULL"},
               {"j = 0 or i / j > 1", "true|false|true|NULL"},
               {"case when j = 0 then null else i / j end", "3|-3|NULL|NULL"},
               {"case j when 0 then -1 else 100 / j end", "50|50|-1|100"},
               {"coalesce(i, 10 / (j - 1))", "7|-7|0|E404"},
               {"coalesce(t, 'none')", "abc|ABC||none"},
               {"case when b then 'yes' when i < 0 then 'neg' end", "yes|neg|yes|NULL"},
               {"case when i > 0 and 10 / i > 0 then t end", "abc|NULL|NULL|NULL"},
               {"false and 1 / 0 = 1", "false|false|false|false"},
               {"nullif(i, 7)", "NULL|-7|0|NULL"},
               {"nullif(d, 0)", "3.50|-1.25|NULL|NULL"},
               {"greatest(i, j, 3)", "7|3|3|3"},
               {"least(i, d)", "3.50|-7.00|0.00|NULL"}});
}

TEST(ExprEvaluate, refused_rows_are_null_and_named_once) {
  const data::Batch batch = sample();
  const auto outcome = run("coalesce(i / j, 1) + 1 / j", batch);
  ASSERT_EQ(outcome.errors.size(), 1u);
  EXPECT_EQ(outcome.errors[0].row, 2u);
  EXPECT_EQ(outcome.errors[0].column, "target");
  EXPECT_EQ(outcome.errors[0].reason, "division by zero");
  std::vector<data::RowError> errors;
  const auto column = evaluate(*outcome.node, batch, {}, "target", errors);
  EXPECT_TRUE(column->is_null(2));
}

TEST(ExprEvaluate, truth_for_filters) {
  const data::Batch batch = sample();
  const auto outcome = run("i / j > 0 or b", batch);
  std::vector<data::RowError> errors;
  const auto truth = evaluate_truth(*outcome.node, batch, {}, errors);
  EXPECT_EQ(truth, (std::vector<std::uint8_t>{1, 0, 2, 2}));
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, "E404");
}

TEST(ExprEvaluate, casts) {
  const std::vector<Case> cases = {
      {"cast(' 12 ' as int64)", "12"},
      {"cast('1.5' as int64)", "E116: 1.5 cannot become int64"},
      {"cast(2.5 as int64)", "3"},
      {"cast(-2.5 as int64)", "-3"},
      {"cast(cast(2.5 as float64) as int64)", "2"},
      {"cast(cast(3.5 as float64) as int64)", "4"},
      {"cast(1.005 as decimal(5,2))", "1.01"},
      {"cast('1.005' as decimal(5,2))", "1.01"},
      {"cast(-1.005 as decimal(5,2))", "-1.01"},
      {"cast(cast(0.1 as float64) as decimal(5,2))", "0.10"},
      {"cast(123456 as decimal(5,2))", "E116: 123456 cannot become decimal(5,2)"},
      {"cast(true as int64)", "1"},
      {"cast(2 as bool)", "true"},
      {"cast('t' as bool)", "true"},
      {"cast(1.50 as text)", "1.50"},
      {"cast(1.50 as number)", "1.5"},
      {"cast('1e3' as number)", "1000"},
      {"cast(cast('12345678901234567890.5' as number) as decimal(38,1))", "12345678901234567890.5"},
      {"cast('2024-02-30' as date)", "E116: 2024-02-30 cannot become date"},
      {"cast(timestamp_naive '2024-01-31T23:59:59' as date)", "2024-01-31"},
      {"cast(timestamp_naive '1969-12-31T23:59:59' as date)", "1969-12-31"},
      {"cast(timestamp_naive '1969-12-31T23:59:59' as time)", "23:59:59"},
      {"cast(date '2024-01-31' as timestamp_naive)", "2024-01-31T00:00:00"},
      {"cast('{\"a\":1}' as json)", "{\"a\":1}"},
      {"cast('{' as json)", "E116: { cannot become json"},
      {"cast('6F9619FF-8B86-D011-B42D-00C04FC964FF' as uuid)",
       "6f9619ff-8b86-d011-b42d-00c04fc964ff"},
      {"cast(null as date)", "NULL"},
      {"cast(date '2024-01-31' as timestamp)", "E116: date cannot be cast to timestamp"},
      {"cast(1e300 as float64)", "1e+300"},
      {"cast(1e400 as float64)", "E116: 1" + std::string(400, '0') + " cannot become float64"}};
  for (const Case& test : cases) EXPECT_EQ(value_of(test.text), test.expected) << test.text;
  expect_rows({{"cast(t as int64)", "E404|E404|E404|NULL"},
               {"cast(f as int64)", "2|0|0|NULL"},
               {"cast(i as text) || '!'", "7!|-7!|0!|NULL"},
               {"cast(d as int64)", "4|-1|0|NULL"},
               {"cast(n as int64)", "E405|2|0|NULL"},
               {"cast(i as decimal(3,2))", "7.00|-7.00|0.00|NULL"},
               {"cast(i * 2 as decimal(3,2))", "E405|E405|0.00|NULL"}});
}

TEST(ExprEvaluate, named_facts_of_the_run) {
  expect_rows({{"now_run()",
                "2023-11-14T22:13:20Z|2023-11-14T22:13:20Z|2023-11-14T22:13:20Z|"
                "2023-11-14T22:13:20Z"},
               {"run_id() || ':' || source_table()",
                "run-1:crm_contacts|run-1:crm_contacts|run-1:crm_contacts|run-1:crm_contacts"}});
}

TEST(ExprEvaluate, works_on_an_empty_batch) {
  const data::Batch empty = batch_of({{"i", "int64", {}}, {"t", "text", {}}});
  for (const std::string text : {"i + 1", "upper(t)", "case when i = 1 then t else 'x' end",
                                 "coalesce(t, 'a')", "i in (1, 2)", "1"}) {
    EXPECT_EQ(run(text, empty).text(), "") << text;
  }
}

}  // namespace
}  // namespace engine::expr
