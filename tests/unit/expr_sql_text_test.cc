#include <gtest/gtest.h>

#include "connectors/sqlite/dialect.h"
#include "expr/expression.h"
#include "unit/support/expr_rows.h"

namespace engine::expr {
namespace {

using testing::batch_of;
using testing::run;

struct Case {
  std::string text;
  std::string expected;
};

/// The statement's text and its parameters, or why there is none.
std::string sql_of(const std::string& text) {
  const data::Batch batch = batch_of({{"i", "int64", {}},
                                      {"t", "text", {}},
                                      {"f", "float64", {}},
                                      {"b", "bool", {}},
                                      {"day", "date", {}},
                                      {"we\"ird", "int64", {}}});
  const auto outcome = run(text, batch);
  if (outcome.node == nullptr) return outcome.text();
  const SqlResult result = to_sql(*outcome.node, connectors::sqlite::sqlite_dialect());
  if (!result.sql) return result.why_not;
  std::string out = result.sql->text;
  for (const data::Value& value : result.sql->parameters) out += " | " + data::value_text(value);
  return out;
}

TEST(ExprSqlText, sqlite) {
  const std::vector<Case> cases = {
      {"i > 3 and t = 'it''s'", "((\"i\" > ?) AND ((\"t\" COLLATE BINARY) = ?)) | 3 | it's"},
      {"i in (1, 2) or f is null", "((\"i\" IN (?, ?)) OR (\"f\" IS NULL)) | 1 | 2"},
      {"\"we\"\"ird\" between 1 and 2", "((\"we\"\"ird\" >= ?) AND (\"we\"\"ird\" <= ?)) | 1 | 2"},
      {"case i when 1 then 'x' else t end",
       "CASE WHEN (\"i\" = ?) THEN ? ELSE (\"t\" COLLATE BINARY) END | 1 | x"},
      {"i = 1 or i = 2 or i = 3 or i = 4",
       "(((\"i\" = ?) OR (\"i\" = ?)) OR ((\"i\" = ?) OR (\"i\" = ?))) | 1 | 2 | 3 | 4"},
      {"i > 1 + 1", "(\"i\" > ?) | 2"},
      {"true", "1"},
      {"i + 1 > 2",
       "SQLite: overflow and division by zero of + give another value instead of an "
       "error"},
      {"t like 'a%'", "SQLite: like ignores case"},
      {"length(t) > 1", "SQLite: length stops at a NUL character"},
      {"day > '2024-01-01'", "SQLite does not store and compare date as the engine does"},
      {"b", "SQLite does not store and compare bool as the engine does"},
      {"sha256(t) = 'x'", "SQLite has nothing that means exactly 'sha256'"},
      {"trim(t, 'x') = 'a'", "SQLite has nothing that means exactly 'trim'"},
      {"run_id() = t", "SQLite has nothing that means exactly 'run_id'"},
  };
  for (const Case& test : cases) EXPECT_EQ(sql_of(test.text), test.expected) << test.text;
}

TEST(ExprSqlText, long_chains_stay_shallow_and_parameters_are_limited) {
  std::string chain = "i = 0";
  for (int i = 1; i < 4'000; ++i) chain += " or i = " + std::to_string(i);
  const std::string sql = sql_of(chain);
  std::size_t level = 0;
  std::size_t deepest = 0;
  for (const char c : sql) {
    level += c == '(' ? 1 : 0;
    level -= c == ')' ? 1 : 0;
    deepest = std::max(deepest, level);
  }
  EXPECT_LT(deepest, 20u);
  std::string list = "i in (0";
  for (int i = 1; i < 40'000; ++i) list += ", " + std::to_string(i);
  EXPECT_EQ(sql_of(list + ")"), "the expression needs more parameters than a statement may have");
}

}  // namespace
}  // namespace engine::expr
