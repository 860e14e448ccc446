#include <gtest/gtest.h>

#include "expr/build.h"
#include "expr/expression.h"
#include "unit/support/expr_rows.h"

namespace engine::expr {
namespace {

using testing::batch_of;
using testing::located;
using testing::run;

struct Case {
  std::string text;
  std::string expected;
};

data::Batch sample() {
  return batch_of({{"status", "text", {"new"}, false},
                   {"age", "int64", {"41"}},
                   {"amount", "decimal(12,2)", {"3.50"}},
                   {"ratio", "float64", {"0.5"}},
                   {"born", "date", {"1983-01-02"}},
                   {"seen", "timestamp", {"2024-01-31T08:00:00Z"}},
                   {"local", "timestamp_naive", {"2024-01-31T08:00:00"}},
                   {"big", "number", {"1"}},
                   {"doc", "json", {"{}"}},
                   {"odd name", "int64", {"1"}}});
}

/// Code, column of the caret, message and help of the first diagnostic.
std::string mistake(const std::string& text, std::optional<data::Type> wanted = std::nullopt,
                    const Scope& scope = {}) {
  const auto outcome = run(text, sample(), scope, wanted);
  if (outcome.diagnostics.all().empty()) return "none";
  const base::Diagnostic& first = outcome.diagnostics.all()[0];
  return first.code + "@" + std::to_string(first.span.column) + " " + first.message + " | " +
         first.help;
}

TEST(ExprBind, type_mistakes_name_the_cast_to_write) {
  const std::vector<Case> cases = {
      {"lower(age)", "E116@7 lower: 'age' is int64, expected text | write cast(age as text)"},
      {"status > 3", "E116@1 'status' is text, 3 is int64 | write cast(status as int64)"},
      {"3 < status", "E116@1 3 is int64, 'status' is text | write cast(status as int64)"},
      {"age = ratio", "E116@1 'age' is int64, 'ratio' is float64 | write cast(age as float64)"},
      {"born >= 'yesterday'", "E116@9 'yesterday' is no date | a date is written 2024-01-31"},
      {"seen > '2024-01-31'",
       "E116@8 '2024-01-31' is no timestamp | an instant is written 2024-01-31T08:00:00Z"},
      {"seen > local",
       "E116@1 'seen' is timestamp, 'local' is timestamp_naive | say in which zone: "
       "to_timezone(cast(x as timestamp_naive), 'Europe/Berlin')"},
      {"status + 1",
       "E116@1 + needs numbers, 'status' is text | write cast(status as int64); texts "
       "are joined with ||"},
      {"born + 1", "E116@1 + needs numbers, 'born' is date | write date_add(x, n, 'day')"},
      {"big * 2",
       "E116@1 * needs a number of fixed scale, 'big' is of any scale | write cast(big "
       "as decimal(38,10))"},
      {"age and true",
       "E116@1 and needs true or false, 'age' is int64 | write a comparison, or "
       "cast(age as bool)"},
      {"case when age then 1 end",
       "E116@11 when needs true or false, 'age' is int64 | write a "
       "comparison, or cast(age as bool)"},
      {"doc = doc", "E116@1 = cannot compare json | compare it as text: cast(x as text)"},
      {"age || amount",
       "E116@1 || joins texts, none of these is one | write cast(age as text), or "
       "concat(…)"},
      {"amount = '1.005'", "E116@10 '1.005' is no decimal(12,2) | "},
      {"cast(seen as date)",
       "E116@1 timestamp cannot be cast to date | say in which zone: "
       "cast(to_timezone(x, 'UTC') as date)"},
      {"regexp_extract(status, status)",
       "E116@24 the pattern must be a text or a :variable, so that it is compiled once | "},
  };
  for (const Case& test : cases) EXPECT_EQ(mistake(test.text), test.expected) << test.text;
}

TEST(ExprBind, unknown_names) {
  const std::vector<Case> cases = {
      {"statu", "E302@1 there is no column 'statu' | did you mean 'status'?"},
      {"lowr(status)", "E113@1 there is no function 'lowr' | did you mean 'lower'?"},
      {"lower(status, age)", "E116@1 lower does not take 2 arguments | lower(text) -> text"},
      {":since", "E110@1 there is no variable :since | declare it under vars"},
      {"age + Status", "E302@7 there is no column 'Status' | did you mean 'status'?"},
  };
  for (const Case& test : cases) EXPECT_EQ(mistake(test.text), test.expected) << test.text;
}

TEST(ExprBind, all_mistakes_of_an_expression_are_found) {
  const auto outcome = run("lower(agee) || uper(statu) || :x", sample());
  EXPECT_EQ(outcome.diagnostics.error_count(), 4u);
}

TEST(ExprBind, result_fits_the_wanted_type_or_the_cast_is_named) {
  const auto decimal = data::Type::decimal(12, 2);
  const auto int64 = data::Type::of(data::Kind::kInt64);
  const auto date = data::Type::of(data::Kind::kDate);
  EXPECT_EQ(run("age", sample(), {}, decimal).text(), "41.00");
  EXPECT_EQ(run("1.5", sample(), {}, decimal).text(), "1.50");
  EXPECT_EQ(run("'2024-01-31'", sample(), {}, date).text(), "2024-01-31");
  EXPECT_EQ(run("null", sample(), {}, date).text(), "NULL");
  EXPECT_EQ(run("born", sample(), {}, data::Type::timestamp(false)).text(), "1983-01-02T00:00:00");
  EXPECT_EQ(run("case when age > 40 then '2024-01-31' end", sample(), {}, date).text(),
            "2024-01-31");
  EXPECT_EQ(run("coalesce(null, '2024-01-31')", sample(), {}, date).text(), "2024-01-31");
  EXPECT_EQ(run("1", sample(), {}, data::Type::of(data::Kind::kFloat64)).text(), "1");
  EXPECT_EQ(mistake("trim(status)", int64),
            "E116@1 the expression is text, expected int64 | write cast(trim(status) as int64)");
  EXPECT_EQ(mistake("amount", int64),
            "E116@1 'amount' is decimal(12,2), expected int64 | write cast(amount as int64)");
  EXPECT_EQ(mistake("'x'", date), "E116@1 'x' is no date | a date is written 2024-01-31");
  EXPECT_EQ(mistake("1.555", decimal).substr(0, 5), "E116@");
  EXPECT_EQ(mistake("9007199254740993", data::Type::of(data::Kind::kFloat64)).substr(0, 5),
            "E116@");
}

TEST(ExprBind, variables_are_bound_as_values) {
  Scope scope;
  scope.variables["since"] = data::Value::of_text("1980-01-01");
  scope.variables["trick"] = data::Value::of_text("' or 1 = 1");
  EXPECT_EQ(run("born >= :since", sample(), scope).text(), "true");
  EXPECT_EQ(run("status = :trick", sample(), scope).text(), "false");
  EXPECT_EQ(mistake("born >= :trick", std::nullopt, scope),
            "E116@9 '' or 1 = 1' is no date | a date is written 2024-01-31");
}

TEST(ExprBind, without_columns_only_certain_mistakes_are_reported) {
  const auto check = [](const std::string& text) {
    base::Diagnostics diagnostics;
    const SyntaxPtr syntax = parse(located(text), diagnostics);
    Scope scope;
    scope.unknown_variables = {"since"};
    EXPECT_EQ(expr::bind(*syntax, located(text), scope, std::nullopt, diagnostics), nullptr);
    return diagnostics.all().empty() ? "" : diagnostics.all()[0].message;
  };
  EXPECT_EQ(check("lower(a) || b > :since"), "");
  EXPECT_EQ(check("lowr(a)"), "there is no function 'lowr'");
  EXPECT_EQ(check("coalesce(a, 1 + 'x')"), "'x' is no int64");
  EXPECT_EQ(check("lower(a, b)"), "lower does not take 2 arguments");
}

class Named {
 public:
  void add(const std::string& name, std::vector<std::string> params, const std::string& body) {
    base::Diagnostics diagnostics;
    all[name] = {std::move(params), parse(located(body), diagnostics), {}};
  }
  Scope scope() const {
    Scope out;
    out.named = &all;
    return out;
  }
  std::map<std::string, NamedExpression> all;
};

TEST(ExprBind, named_expressions_are_expanded) {
  Named named;
  named.add("clean", {"x"}, "lower(trim(x))");
  named.add("label", {"a", "b"}, "clean(a) || '/' || b");
  EXPECT_EQ(run("label(' A ', age)", sample(), named.scope()).text(), "a/41");
  EXPECT_EQ(mistake("clean(status, age)", std::nullopt, named.scope()),
            "E116@1 clean takes 1 arguments, not 2 | clean(x)");
  EXPECT_EQ(mistake("clean(age)", std::nullopt, named.scope()).substr(0, 4), "E116");
  named.add("leaky", {"x"}, "x || status");
  EXPECT_EQ(mistake("leaky(status)", std::nullopt, named.scope()),
            "E302@6 'status' is no parameter of 'leaky' | a named expression sees its parameters "
            "only: x");
}

TEST(ExprBind, named_expressions_cannot_call_themselves_or_explode) {
  Named named;
  named.add("a", {"x"}, "b(x)");
  named.add("b", {"x"}, "a(x)");
  EXPECT_EQ(mistake("a(age)", std::nullopt, named.scope()),
            "E115@1 'a' calls itself | a named expression may call others, never itself");
  named.add("f0", {"x"}, "x || x");
  for (int i = 1; i < 31; ++i) {
    const std::string below = "f" + std::to_string(i - 1) + "(x)";
    named.add("f" + std::to_string(i), {"x"}, below + " || " + below);
  }
  EXPECT_NE(mistake("f30(status)", std::nullopt, named.scope()).find("too large"),
            std::string::npos);
  std::string nested = "status";
  for (int i = 0; i < 60; ++i) nested = "f0(" + nested + ")";
  EXPECT_NE(mistake(nested, std::nullopt, named.scope()).find("too large"), std::string::npos);
}

TEST(ExprBind, nullability_is_known) {
  const auto nullable = [](const std::string& text) {
    return can_be_null(*run(text, sample()).node);
  };
  EXPECT_FALSE(nullable("status"));
  EXPECT_FALSE(nullable("upper(status)"));
  EXPECT_TRUE(nullable("age"));
  EXPECT_FALSE(nullable("coalesce(age, 0)"));
  EXPECT_FALSE(nullable("age is null"));
  EXPECT_TRUE(nullable("nullif(status, 'x')"));
  EXPECT_FALSE(nullable("case when age > 1 then 'a' else 'b' end"));
  EXPECT_TRUE(nullable("case when age > 1 then 'a' end"));
  EXPECT_FALSE(nullable("cast(status as int64)"));
  EXPECT_TRUE(nullable("regexp_extract(status, 'x')"));
  EXPECT_TRUE(nullable("json_text(status, 'x')"));
  EXPECT_FALSE(nullable("1 + 1"));
}

TEST(ExprBind, types_of_results) {
  const std::vector<Case> cases = {
      {"age + 1", "int64"},
      {"amount + 1", "decimal(13,2)"},
      {"amount * amount", "decimal(24,4)"},
      {"amount / 3", "decimal(38,16)"},
      {"age * amount", "decimal(31,2)"},
      {"round(amount)", "decimal(11,0)"},
      {"round(amount, 1)", "decimal(12,1)"},
      {"coalesce(age, 1.5)", "decimal(20,1)"},
      {"greatest(age, big)", "number"},
      {"case when true then born else local end", "timestamp_naive"},
      {"'x'", "text"},
      {"null", "text"},
      {"12345678901234567890", "decimal(20,0)"},
      {"1e5", "decimal(6,0)"},
      {"1.50e-3", "decimal(5,5)"},
      {"parse_timestamp(status, '%F', 'UTC')", "timestamp"},
      {"parse_timestamp(status, '%F')", "timestamp_naive"},
  };
  for (const Case& test : cases) {
    const auto outcome = run(test.text, sample());
    ASSERT_NE(outcome.node, nullptr) << test.text << outcome.text();
    EXPECT_EQ(data::type_name(type_of(*outcome.node)), test.expected) << test.text;
  }
}

// Pieces around an expression.

std::string rows_of(const NodePtr& node, const std::string& problem, const data::Batch& batch) {
  if (node == nullptr) return problem;
  std::vector<data::RowError> errors;
  const auto column = evaluate(*node, batch, {}, "x", errors);
  if (!errors.empty()) return errors[0].code;
  return column->is_null(0) ? "NULL" : data::value_text(*column, 0);
}

TEST(ExprBuild, pieces_around_an_expression) {
  const data::Batch batch =
      batch_of({{"t", "text", {"31.03.2024 02:30"}}, {"n", "int64", {"NULL"}}});
  const NodePtr text = run("t", batch).node;
  const NodePtr number = run("n", batch).node;
  std::string problem;
  const auto time = [&](const char* format, const char* zone, const char* dst, data::Type type) {
    problem.clear();
    return rows_of(parse_time_node(text, format, zone, dst, type, problem), problem, batch);
  };
  const data::Type instant = data::Type::timestamp(true);
  EXPECT_EQ(time("%d.%m.%Y %H:%M", "UTC", "", instant), "2024-03-31T02:30:00Z");
  EXPECT_EQ(time("%d.%m.%Y %H:%M", "Europe/Berlin", "", instant), "E412");
  EXPECT_EQ(time("%d.%m.%Y %H:%M", "Europe/Berlin", "later", instant), "2024-03-31T01:30:00Z");
  EXPECT_EQ(time("%d.%m.%Y %H:%M", "", "", data::Type::of(data::Kind::kDate)), "2024-03-31");
  EXPECT_EQ(time("%d.%m.%Y %H:%M", "", "", data::Type::of(data::Kind::kTime)), "02:30:00");
  EXPECT_EQ(time("%d.%m.%Y %H:%M", "", "", instant),
            "the format reads a local time; say its zone (zone: Europe/Berlin, or UTC)");
  EXPECT_EQ(time("%d.%m.%Y %H:%M", "", "later", instant), "dst needs a zone");
  EXPECT_EQ(rows_of(coalesce_node(number, data::Value::of_text("7"), problem), problem, batch),
            "7");
  EXPECT_EQ(rows_of(coalesce_node(number, data::Value::of_text("x"), problem), problem, batch),
            "'x' is no int64");
  EXPECT_EQ(rows_of(cast_node(text, data::Type::of(data::Kind::kInt64), problem), problem, batch),
            "E404");
}

}  // namespace
}  // namespace engine::expr
