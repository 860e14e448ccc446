#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/batch.h"
#include "stages/check.h"
#include "stages/checks/formats.h"
#include "unit/support/check_trial.h"

namespace engine::stages {
namespace {

using test::CheckTrial;
using test::kNull;
using test::list;
using test::scalar;
using testing::HasSubstr;

TEST(NotNull, CountsARowOnce) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", list({"id", "email"}));
  const CheckResult result = trial.judge({{{"1", "a"}, {kNull, kNull}}, {{"3", kNull}}});
  EXPECT_EQ(result.label, "not_null(id, email)");
  EXPECT_EQ(result.status, Status::kFail);
  EXPECT_EQ(result.looked_at, 3);
  EXPECT_EQ(result.failed, 2);
  EXPECT_EQ(result.detail, "2 rows have a NULL");
  ASSERT_EQ(result.samples.size(), 2U);
  EXPECT_EQ(result.samples[1].key, "id=3");
  EXPECT_EQ(result.samples[1].value, "id=3, email=NULL");
}

TEST(NotNull, PassesAndBindsALoneColumn) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", "email");
  const CheckResult result = trial.judge({{{"1", "a"}}});
  EXPECT_EQ(result.status, Status::kPass);
  EXPECT_EQ(result.failed, 0);
  EXPECT_EQ(result.detail, "");
}

TEST(Checks, AnUnknownColumnIsADiagnosticWithAPlace) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", list({"emial"}));
  EXPECT_EQ(trial.codes(), "E302");
  EXPECT_THAT(trial.diagnostics.all()[0].help, HasSubstr("did you mean 'email'"));
  EXPECT_EQ(trial.diagnostics.all()[0].span.line, 7);
}

TEST(Checks, WhereNarrowsTheRows) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", "email").where("id > 1");
  const CheckResult result =
      trial.judge({{{"1", kNull}, {"2", kNull}, {"3", "x"}, {kNull, kNull}}});
  EXPECT_EQ(result.looked_at, 2) << result.detail;
  EXPECT_EQ(result.failed, 1);
}

TEST(Checks, AWhereThatCannotBeEvaluatedIsAnError) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", "email").where("10 / id > 1");
  const CheckResult result = trial.judge({{{"0", "a"}}});
  EXPECT_EQ(result.status, Status::kError);
  EXPECT_THAT(result.detail, HasSubstr("where"));
}

TEST(Checks, ThresholdsCountRowsOrShares) {
  const auto judged = [](const std::string& comparison, double value, bool relative) {
    CheckTrial trial("not_null", "id int64; email text");
    trial.with("columns", "email").error_if(comparison, value, relative);
    return trial.judge({{{"1", kNull}, {"2", "b"}, {"3", "c"}, {"4", "d"}}}).status;
  };
  EXPECT_EQ(judged(">", 1, false), Status::kPass);
  EXPECT_EQ(judged(">", 0, false), Status::kFail);
  EXPECT_EQ(judged(">=", 1, false), Status::kFail);
  EXPECT_EQ(judged(">", 0.25, true), Status::kPass);
  EXPECT_EQ(judged(">", 0.2, true), Status::kFail);
}

TEST(Checks, ARowRuleNamesItsRowsOfTheLastBatch) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", list({"id", "email"})).where("id is null or id <> 9");
  const auto bound = trial.bind();
  ASSERT_TRUE(bound);
  const auto check = bound->make(trial.runtime);
  check->observe(
      test::batch(trial.columns(), {{"1", "a"}, {kNull, kNull}, {"9", kNull}, {"3", kNull}}));
  EXPECT_EQ(check->failing_rows(), (std::vector<std::uint32_t>{1, 3}));
  check->observe(test::batch(trial.columns(), {{"4", "a"}}));
  EXPECT_TRUE(check->failing_rows().empty());
}

TEST(Checks, ARejectingRuleWarnsUntilItsThresholdIsMet) {
  const auto judged = [](bool with_limit) {
    CheckTrial trial("not_null", "id int64; email text");
    trial.with("columns", "email").spec.rejects = true;
    if (with_limit) trial.error_if(">", 1, false);
    return trial.judge({{{"1", kNull}, {"2", kNull}}});
  };
  EXPECT_EQ(judged(false).status, Status::kWarn);
  EXPECT_EQ(judged(false).detail, "2 rows have a NULL, rejected");
  EXPECT_EQ(judged(true).status, Status::kFail);
}

TEST(Checks, WarnIfStandsBelowErrorIf) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", "email").error_if(">", 5, false);
  trial.spec.warn_if = plan::Threshold{">", 0, false, test::located("> 0")};
  const CheckResult result = trial.judge({{{"1", kNull}}});
  EXPECT_EQ(result.status, Status::kWarn);
  EXPECT_EQ(result.detail, "1 row has a NULL (warn_if > 0)");
}

TEST(Checks, SeverityWarnTurnsAFailureIntoAWarning) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", "email");
  trial.spec.severity = plan::CheckSeverity::kWarn;
  EXPECT_EQ(trial.judge({{{"1", kNull}}}).status, Status::kWarn);
}

TEST(Checks, SamplesAreLimitedAndMasked) {
  CheckTrial trial("regex", "id int64; email text");
  trial.with("column", "email").with("pattern", "@");
  trial.spec.sample = 1;
  trial.info.classification = {{"email", "pii"}};
  const CheckResult result = trial.judge({{{"1", "secret"}, {"2", "other"}}});
  EXPECT_EQ(result.failed, 2);
  ASSERT_EQ(result.samples.size(), 1U);
  EXPECT_EQ(result.samples[0].value, "***");
  EXPECT_EQ(result.samples[0].key, "id=1");
}

TEST(Checks, ACellThatIsNoValueOfItsTypeIsAnErrorExceptForType) {
  for (const std::string kind : {"not_null", "type"}) {
    CheckTrial trial(kind, "id int64; amount int64");
    trial.with(kind == "type" ? "column" : "columns", "amount").with("is", "int64");
    data::Batch rows = test::batch(trial.columns(), {{"1", kNull}, {"2", "5"}});
    rows.errors.push_back({0, "amount", "E403", "is text", "abc"});
    const CheckResult result = trial.judge(std::vector<data::Batch>{rows});
    EXPECT_EQ(result.status, kind == "type" ? Status::kFail : Status::kError) << result.detail;
  }
}

TEST(Checks, ColumnsAreFoundByNameAndMissingOnesAreNull) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", "email");
  const auto turned = test::schema("email text; spare int64; id int64");
  const auto without = test::schema("id int64");
  const CheckResult result = trial.judge(std::vector<data::Batch>{
      test::batch(turned, {{"a", "0", "1"}}), test::batch(without, {{"2"}})});
  EXPECT_EQ(result.failed, 1);
  EXPECT_EQ(result.samples.at(0).key, "id=2");
}

TEST(Checks, AColumnOfAnotherTypeIsAnError) {
  CheckTrial trial("not_null", "id int64; email text");
  trial.with("columns", "email");
  const auto other = test::schema("id int64; email int64");
  EXPECT_EQ(trial.judge(std::vector<data::Batch>{test::batch(other, {{"1", "1"}})}).status,
            Status::kError);
}

TEST(AcceptedValues, TextNumbersAndOthers) {
  const struct {
    const char* type;
    std::vector<std::string> values;
    test::Cells rows;
    int failed;
  } cases[] = {
      {"text", {"a", "b"}, {{"a"}, {"b"}, {"c"}, {"c"}, {""}, {kNull}}, 3},
      {"int64", {"1", "3"}, {{"1"}, {"2"}, {"3"}}, 1},
      {"bool", {"true"}, {{"true"}, {"false"}}, 1},
      {"decimal(6,2)", {"1.50", "2"}, {{"1.5"}, {"2.00"}, {"2.01"}}, 1},
      {"date", {"2024-01-01"}, {{"2024-01-01"}, {"2024-01-02"}}, 1},
  };
  for (const auto& each : cases) {
    CheckTrial trial("accepted_values", std::string("status ") + each.type);
    trial.with("column", "status").with("values", list(each.values));
    const CheckResult result = trial.judge({each.rows});
    EXPECT_EQ(result.failed, each.failed) << each.type << result.detail;
    EXPECT_EQ(result.label, "accepted_values(status)");
  }
  CheckTrial wrong("accepted_values", "n int64");
  wrong.with("column", "n").with("values", list({"1", "x"}));
  EXPECT_EQ(wrong.codes(), "E104");
}

TEST(Range, BoundsBelongToIt) {
  const struct {
    const char* type;
    const char *min, *max;
    test::Cells rows;
    int failed;
  } cases[] = {
      {"int64", "1", "3", {{"0"}, {"1"}, {"3"}, {"4"}, {kNull}}, 2},
      {"float64", "0", "1.5", {{"-0.1"}, {"1.5"}, {"NaN"}, {"Infinity"}}, 3},
      {"decimal(8,2)", "0.01", "10", {{"0.00"}, {"0.01"}, {"10.01"}}, 2},
      {"date", "2024-01-01", "2024-12-31", {{"2023-12-31"}, {"2024-06-01"}, {"2025-01-01"}}, 2},
      {"timestamp",
       "2024-01-01T00:00:00Z",
       "2024-01-02T00:00:00Z",
       {{"2024-01-01T00:00:00Z"}, {"2024-01-02T00:00:01Z"}},
       1},
      {"text", "b", "c", {{"a"}, {"b"}, {"cc"}}, 2},
      {"number", "9.5", "100", {{"9.4"}, {"12345678901234567890"}, {"10"}}, 2},
  };
  for (const auto& each : cases) {
    CheckTrial trial("range", std::string("v ") + each.type);
    trial.with("column", "v").with("min", each.min).with("max", each.max);
    EXPECT_EQ(trial.judge({each.rows}).failed, each.failed) << each.type;
  }
}

TEST(Range, MistakesOfItsBounds) {
  CheckTrial none("range", "v int64");
  EXPECT_EQ(none.with("column", "v").codes(), "E107");
  CheckTrial wrong("range", "v date");
  EXPECT_EQ(wrong.with("column", "v").with("min", "yesterday").codes(), "E104");
  CheckTrial turned("range", "v int64");
  EXPECT_EQ(turned.with("column", "v").with("min", "2").with("max", "1").codes(), "E104");
}

TEST(Length, CountsCharactersNotBytes) {
  CheckTrial trial("length", "name text");
  trial.with("column", "name").with("min", "2").with("max", "3");
  EXPECT_EQ(trial
                .judge({{{"a"},
                         {"\u00e4\u00f6\u00fc"},
                         {"\U0001F600\U0001F600"},
                         {"abcd"},
                         {""},
                         {kNull},
                         {"\u00e4\u00f6\u00fc\u00df"}}})
                .failed,
            4);
  CheckTrial number("length", "n int64");
  EXPECT_EQ(number.with("column", "n").with("min", "2").codes(), "E116");
}

TEST(Type, EveryTextReadsAsTheType) {
  CheckTrial trial("type", "amount text");
  trial.with("column", "amount").with("is", "decimal(6,2)");
  EXPECT_EQ(trial.judge({{{"1.50"}, {"x"}, {"1.505"}, {kNull}, {"12345.00"}}}).failed, 3);
  CheckTrial same("type", "amount int64");
  EXPECT_EQ(same.with("column", "amount").with("is", "int64").judge({{{"1"}}}).status,
            Status::kPass);
  CheckTrial unknown("type", "amount text");
  EXPECT_EQ(unknown.with("column", "amount").with("is", "moneys").codes(), "E104");
}

TEST(Regex, SearchesUnlessItIsTied) {
  CheckTrial trial("regex", "code text");
  trial.with("column", "code").with("pattern", "[0-9]+");
  EXPECT_EQ(trial.judge({{{"ab12"}, {"ab"}}}).failed, 1);
  CheckTrial tied("regex", "code text");
  tied.with("column", "code").with("pattern", "^[0-9]+$");
  EXPECT_EQ(tied.judge({{{"ab12"}, {"12"}}}).failed, 1);
  CheckTrial broken("regex", "code text");
  EXPECT_EQ(broken.with("column", "code").with("pattern", "(").codes(), "E104");
}

TEST(Expression, FalseFailsAndNullPasses) {
  CheckTrial trial("expression", "id int64; amount int64");
  trial.with("name", "amounts are positive").with("expr", "amount > 0");
  const CheckResult result = trial.judge({{{"1", "5"}, {"2", "0"}, {"3", kNull}}});
  EXPECT_EQ(result.label, "expression(amounts are positive)");
  EXPECT_EQ(result.failed, 1) << result.detail;
  EXPECT_EQ(result.samples.at(0).key, "id=2");
}

TEST(Expression, ARowThatCannotBeEvaluatedIsAnError) {
  CheckTrial trial("expression", "id int64; amount int64");
  trial.with("name", "x").with("expr", "10 / amount > 0");
  const CheckResult result = trial.judge({{{"1", "5"}, {"2", "0"}}});
  EXPECT_EQ(result.status, Status::kError);
  EXPECT_THAT(result.detail, HasSubstr("zero"));
}

TEST(Expression, MistakesAreDiagnostics) {
  CheckTrial type("expression", "amount int64");
  EXPECT_EQ(type.with("expr", "amount + 1").codes(), "E116");
  CheckTrial column("expression", "amount int64");
  EXPECT_EQ(column.with("expr", "amuont > 1").codes(), "E302");
}

TEST(Format, HoldsEveryExample) {
  EXPECT_EQ(builtin_formats().size(), 7U);
  for (const BuiltinFormat& format : builtin_formats()) {
    EXPECT_GE(format.valid.size(), 2U);
    EXPECT_GE(format.invalid.size(), 2U);
    for (const std::string_view text : format.valid) {
      EXPECT_TRUE(format.matches(text)) << format.name << " " << text;
    }
    for (const std::string_view text : format.invalid) {
      EXPECT_FALSE(format.matches(text)) << format.name << " " << text;
    }
    EXPECT_FALSE(format.matches("")) << format.name;
  }
}

TEST(Format, TheCheckDigitOfAVinCountsOnlyInNorthAmerica) {
  EXPECT_TRUE(is_vin("11111111111111111"));
  EXPECT_FALSE(is_vin("11111111211111111"));
  EXPECT_TRUE(is_vin("W1111111211111111"));
}

TEST(Format, ThePlansOwnFormatsMatchTheWholeValue) {
  const std::map<std::string, plan::Format> own = {
      {"order_no", {"order_no", "ON-[0-9]{4}", "", {}, {}, {}}}};
  CheckTrial trial("format", "code text");
  trial.info.formats = &own;
  trial.with("column", "code").with("as", "order_no");
  const CheckResult result = trial.judge({{{"ON-1234"}, {"xON-1234"}, {"ON-12345"}}});
  EXPECT_EQ(result.failed, 2);
  EXPECT_EQ(result.detail, "2 rows are no order_no");
  CheckTrial unknown("format", "code text");
  EXPECT_EQ(unknown.with("column", "code").with("as", "emial").codes(), "E113");
  EXPECT_THAT(unknown.diagnostics.all()[0].help, HasSubstr("email"));
}

TEST(Checks, KindsThatThisVersionDoesNotHaveAreRefusedByName) {
  CheckTrial trial("failed_rows", "id int64");
  EXPECT_EQ(trial.codes(), "E119");
}

}  // namespace
}  // namespace engine::stages
