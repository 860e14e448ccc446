#include <gtest/gtest.h>

#include "expr/expression.h"
#include "unit/support/expr_rows.h"

namespace engine::expr {
namespace {

using testing::located;

struct Case {
  std::string text;
  std::string expected;
};

std::string canonical(const std::string& text) {
  base::Diagnostics diagnostics;
  const SyntaxPtr syntax = parse(located(text), diagnostics);
  if (syntax != nullptr) return text_of(*syntax);
  const base::Diagnostic& first = diagnostics.all().at(0);
  return first.code + "@" + std::to_string(first.span.column) + " " + first.message;
}

TEST(ExprParse, writes_canonical_text) {
  const std::vector<Case> cases = {
      {"a", "a"},
      {"\"odd name\"", "\"odd name\""},
      {"\"case\"", "\"case\""},
      {"\"a\"\"b\"", "\"a\"\"b\""},
      {"LOWER( Trim(email) )", "lower(trim(email))"},
      {"'it''s'", "'it''s'"},
      {"1 + 2*3", "1 + 2 * 3"},
      {"(1 + 2)*3", "(1 + 2) * 3"},
      {"1 - (2 - 3)", "1 - (2 - 3)"},
      {"1 - 2 - 3", "1 - 2 - 3"},
      {"-x * -2", "- x * -2"},
      {"- -1", "- -1"},
      {"+x", "x"},
      {"a OR b AND NOT c", "a or b and not c"},
      {"(a or b) and c", "(a or b) and c"},
      {"not a = b", "not a = b"},
      {"(not a) = b", "(not a) = b"},
      {"a = b is null", "a = b is null"},
      {"a = (b is null)", "a = (b is null)"},
      {"a != 1", "a <> 1"},
      {"a not in (1, 2)", "a not in (1, 2)"},
      {"a between 1 and 2 and b", "a between 1 and 2 and b"},
      {"a not between 1 + 1 and 3", "a not between 1 + 1 and 3"},
      {"a || 1 + 2 || 'x'", "a || 1 + 2 || 'x'"},
      {"a like 'x%' is not null", "a like 'x%' is not null"},
      {"case when a then 1 end", "case when a then 1 end"},
      {"case a when 1 then 'x' when 2 then 'y' else 'z' end",
       "case a when 1 then 'x' when 2 then 'y' else 'z' end"},
      {"cast(a as DECIMAL(12, 2))", "cast(a as decimal(12,2))"},
      {"date '2024-01-01'", "date '2024-01-01'"},
      {"date", "date"},
      {":since", ":since"},
      {"1.50e-3", "1.50e-3"},
      {".5", ".5"},
      {"Größe", "\"Größe\""},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(canonical(test.text), test.expected) << test.text;
    EXPECT_EQ(canonical(test.expected), test.expected) << "not stable: " << test.expected;
  }
}

TEST(ExprParse, mistakes_have_code_place_and_reason) {
  const std::vector<Case> cases = {
      {"", "E115@1 the expression is empty"},
      {"  ", "E115@1 the expression is empty"},
      {"a +", "E115@4 expected a value, found the end"},
      {"lower(a", "E115@8 expected ')', found the end"},
      {"a b", "E115@3 expected an operator or the end, found 'b'"},
      {"a < b < c", "E115@7 comparisons cannot be chained"},
      {"a == b", "E115@3 '==' is not an operator of this language"},
      {"'open", "E115@1 the text has no end"},
      {"\"open", "E115@1 the quoted name has no end"},
      {"\"\"", "E115@1 a column name cannot be empty"},
      {"a ; b", "E115@3 unexpected character ';'"},
      {"1x", "E115@1 a name cannot begin with a digit"},
      {"${x}", "E117@1 '${' is not allowed inside an expression"},
      {"'a${x}'", "E117@3 '${' is not allowed inside an expression"},
      {"when", "E115@1 expected a value, found 'when'"},
      {"case a end", "E115@8 expected 'when', found 'end'"},
      {"cast(a as money)", "E115@11 'money' is not a type"},
      {"a is 1", "E115@6 expected 'null', found '1'"},
      {"a::text", "E115@2 '::' is not an operator of this language"},
      {"foo 'x'", "E115@1 'foo' cannot stand before a text"},
  };
  for (const Case& test : cases) EXPECT_EQ(canonical(test.text), test.expected) << test.text;
}

TEST(ExprParse, caret_points_inside_the_scalar) {
  base::Located text;
  text.text = "lower(trim(email)";
  text.span = {"plan.yaml", 7, 20, 17};
  base::Diagnostics diagnostics;
  EXPECT_EQ(parse(text, diagnostics), nullptr);
  EXPECT_EQ(diagnostics.all().at(0).span.text(), "plan.yaml:7:37");
}

TEST(ExprParse, depth_is_limited_without_recursion_running_out) {
  const std::string open(100'000, '(');
  EXPECT_EQ(canonical(open), "E115@201 the expression is nested more than 200 levels deep");
  std::string nots;
  for (int i = 0; i < 100'000; ++i) nots += "not ";
  EXPECT_NE(canonical(nots + "a").find("nested more than"), std::string::npos);
  EXPECT_NE(canonical(std::string(100'000, '+') + "a").find("nested more than"), std::string::npos);
  std::string sum = "a";
  for (int i = 0; i < 10'000; ++i) sum += "+a";
  EXPECT_NE(canonical(sum).find("nested more than"), std::string::npos);
}

TEST(ExprParse, long_chains_of_one_word_stay_flat) {
  std::string chain = "a = 0";
  for (int i = 1; i < 5'000; ++i) chain += " or a = " + std::to_string(i);
  EXPECT_EQ(canonical(chain), chain);
}

TEST(ExprParse, mentions_are_listed_once_in_order) {
  base::Diagnostics diagnostics;
  const SyntaxPtr syntax = parse(located("b + a * b > :low and c = :low or :high"), diagnostics);
  ASSERT_NE(syntax, nullptr);
  std::string columns;
  for (const Mention& mention : mentioned_columns(*syntax)) columns += mention.name + " ";
  EXPECT_EQ(columns, "b a c ");
  const auto variables = mentioned_variables(*syntax);
  ASSERT_EQ(variables.size(), 2u);
  EXPECT_EQ(variables[1].name, "high");
  EXPECT_EQ(variables[1].span.column, 34);
}

TEST(ExprParse, bare_column_is_only_a_column) {
  base::Diagnostics diagnostics;
  EXPECT_EQ(bare_column(*parse(located("\"a b\""), diagnostics)), "a b");
  EXPECT_EQ(bare_column(*parse(located("(status)"), diagnostics)), "status");
  EXPECT_EQ(bare_column(*parse(located("lower(a)"), diagnostics)), std::nullopt);
}

}  // namespace
}  // namespace engine::expr
