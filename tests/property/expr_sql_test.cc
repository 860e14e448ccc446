#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sqlite3.h>

#include <cmath>
#include <limits>
#include <random>

#include "connectors/sqlite/dialect.h"
#include "expr/expression.h"
#include "unit/support/expr_rows.h"

/// Kernels and SQL text are two readings of one tree. Random expressions over random rows are
/// computed by both, and every value must agree, wherever the dialect calls itself exact.
namespace engine::expr {
namespace {

using Random = std::mt19937_64;

std::size_t pick(Random& random, std::size_t count) {
  return random() % count;
}

template <typename T>
T one_of(Random& random, const std::vector<T>& choices) {
  return choices[pick(random, choices.size())];
}

const std::vector<std::int64_t>& integers() {
  static const std::vector<std::int64_t> values = {
      0, 1, -1, 2, 10, -10, 9007199254740993, INT64_MAX, INT64_MIN, INT64_MAX - 1};
  return values;
}

const std::vector<double>& reals() {
  static const std::vector<double> values = {0.0,
                                             -0.0,
                                             1.0,
                                             -1.0,
                                             0.1,
                                             1.5,
                                             9007199254740992.0,
                                             1e300,
                                             -1e-300,
                                             std::numeric_limits<double>::infinity(),
                                             std::numeric_limits<double>::denorm_min()};
  return values;
}

const std::vector<std::string>& texts() {
  static const std::vector<std::string> values = {"",
                                                  "a",
                                                  "A",
                                                  "abc",
                                                  " a ",
                                                  "1",
                                                  "01",
                                                  "1.0",
                                                  "ä",
                                                  "Ä",
                                                  "😀",
                                                  "'",
                                                  "\"",
                                                  "%",
                                                  "a\\",
                                                  "null",
                                                  std::string("a\0", 2),
                                                  std::string("a\0b", 3),
                                                  std::string("\0", 1),
                                                  std::string(" \0 ", 3),
                                                  "  ",
                                                  "\t a"};
  return values;
}

/// The texts that can be written in an expression as they are.
std::string literal(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

/// Writes random expressions of a type.
class Author {
 public:
  explicit Author(Random& random) : random_(random) {}

  std::string truth(int depth) {
    switch (pick(random_, depth > 0 ? 12 : 3)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return comparison(depth);
      case 4:
        return "(" + truth(depth - 1) + " and " + truth(depth - 1) + " and " + truth(depth - 1) +
               ")";
      case 5:
        return "(" + truth(depth - 1) + " or " + truth(depth - 1) + ")";
      case 6:
        return "(not " + truth(depth - 1) + ")";
      case 7:
        return "(" + any(depth - 1) + " is " + one_of<std::string>(random_, {"", "not "}) + "null)";
      case 8:
        return "(" + text(depth - 1) + negation() + " in (" + text(0) + ", " + text(0) + "))";
      case 9:
        return "(" + integer(depth - 1) + negation() + " in (" + integer(0) + ", null, " +
               integer(0) + "))";
      case 10:
        return "(" + real(depth - 1) + negation() + " between " + real(0) + " and " + real(0) + ")";
      default:
        return "(case when " + truth(depth - 1) + " then " + truth(depth - 1) + " end)";
    }
  }

  std::string integer(int depth) {
    return branch(
        depth, "i", "j", [&] { return std::to_string(one_of(random_, integers())); },
        [&](int below) { return integer(below); });
  }

  std::string real(int depth) {
    if (depth > 0 && pick(random_, 6) == 0) return "abs(" + real(depth - 1) + ")";
    if (depth > 0 && pick(random_, 6) == 0) return "(- (" + real(depth - 1) + "))";
    return branch(
        depth, "f", "g", [&] { return one_of<std::string>(random_, real_literals()); },
        [&](int below) { return real(below); });
  }

  std::string text(int depth) {
    if (depth > 0 && pick(random_, 3) == 0) return wrapped_text(depth - 1);
    return branch(
        depth, "t", "u", [&] { return literal(one_of(random_, texts())); },
        [&](int below) { return text(below); });
  }

  std::string any(int depth) {
    switch (pick(random_, 4)) {
      case 0:
        return integer(depth);
      case 1:
        return real(depth);
      case 2:
        return text(depth);
      default:
        return truth(depth);
    }
  }

 private:
  static const std::vector<std::string>& real_literals() {
    static const std::vector<std::string> values = {
        "cast('0' as float64)", "cast('1.5' as float64)", "cast('-1e300' as float64)",
        "cast('9007199254740992' as float64)"};
    return values;
  }

  std::string negation() { return pick(random_, 2) == 0 ? "" : " not"; }

  std::string comparison(int depth) {
    const std::string sign = one_of<std::string>(random_, {"=", "<>", "<", "<=", ">", ">="});
    const int below = depth - 1;
    switch (pick(random_, 3)) {
      case 0:
        return "(" + integer(below) + " " + sign + " " + integer(below) + ")";
      case 1:
        return "(" + real(below) + " " + sign + " " + real(below) + ")";
      default:
        return "(" + text(below) + " " + sign + " " + text(below) + ")";
    }
  }

  std::string wrapped_text(int depth) {
    switch (pick(random_, 5)) {
      case 0:
        return "trim(" + text(depth) + ")";
      case 1:
        return "ltrim(" + text(depth) + ")";
      case 2:
        return "rtrim(" + text(depth) + ")";
      case 3:
        return "cast(" + integer(depth) + " as text)";
      default:
        return "(" + text(depth) + " || " + text(depth) + " || " + text(depth) + ")";
    }
  }

  template <typename Literal, typename Deeper>
  std::string branch(int depth, const char* a, const char* b, Literal write, Deeper deeper) {
    switch (pick(random_, depth > 0 ? 6 : 3)) {
      case 0:
        return a;
      case 1:
        return b;
      case 2:
        return write();
      case 3:
        return "coalesce(" + deeper(depth - 1) + ", " + deeper(depth - 1) + ")";
      case 4:
        return "nullif(" + deeper(depth - 1) + ", " + deeper(depth - 1) + ")";
      default:
        return "(case when " + truth(depth - 1) + " then " + deeper(depth - 1) + " else " +
               deeper(depth - 1) + " end)";
    }
  }

  Random& random_;
};

data::Batch random_rows(Random& random, std::size_t rows) {
  using data::Kind;
  using data::Type;
  data::Batch batch = testing::batch_of({{"i", "int64", {}},
                                         {"j", "int64", {}},
                                         {"f", "float64", {}},
                                         {"g", "float64", {}},
                                         {"t", "text", {}},
                                         {"u", "text", {}}});
  batch.rows = rows;
  for (std::size_t c = 0; c < batch.columns.size(); ++c) {
    data::ColumnBuilder builder(batch.schema->fields[c].type);
    for (std::size_t row = 0; row < rows; ++row) {
      if (pick(random, 5) == 0) {
        builder.append_null();
      } else if (c < 2) {
        builder.append_int64(one_of(random, integers()));
      } else if (c < 4) {
        builder.append_float64(one_of(random, reals()));
      } else {
        builder.append_bytes(one_of(random, texts()));
      }
    }
    batch.columns[c] = builder.finish();
  }
  return batch;
}

/// An in-memory table with the rows; text columns ignore case by declaration, which must not
/// matter.
class Database {
 public:
  explicit Database(const data::Batch& batch) {
    sqlite3_open(":memory:", &db_);
    run("CREATE TABLE rows (i INTEGER, j INTEGER, f REAL, g REAL, t TEXT COLLATE NOCASE, u TEXT)");
    run("BEGIN");
    for (std::size_t row = 0; row < batch.rows; ++row) insert(batch, row);
    run("COMMIT");
  }
  ~Database() { sqlite3_close(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// The values of an expression in row order, as texts with their storage class.
  std::vector<std::string> select(const Sql& sql) {
    sqlite3_stmt* statement = prepare("SELECT " + sql.text + " FROM rows ORDER BY rowid");
    for (std::size_t i = 0; i < sql.parameters.size(); ++i) {
      bind_value(statement, static_cast<int>(i) + 1, sql.parameters[i]);
    }
    std::vector<std::string> out;
    while (sqlite3_step(statement) == SQLITE_ROW) out.push_back(text_of_result(statement));
    sqlite3_finalize(statement);
    return out;
  }

 private:
  void run(const char* sql) { RC_ASSERT(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == 0); }

  sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr);
    if (code != SQLITE_OK) RC_FAIL(std::string(sqlite3_errmsg(db_)) + ": " + sql);
    return statement;
  }

  static void bind_value(sqlite3_stmt* statement, int place, const data::Value& value) {
    if (value.null) {
      sqlite3_bind_null(statement, place);
    } else if (value.type.kind == data::Kind::kInt64) {
      sqlite3_bind_int64(statement, place, value.integer);
    } else if (value.type.kind == data::Kind::kFloat64) {
      sqlite3_bind_double(statement, place, value.real);
    } else {
      sqlite3_bind_text(statement, place, value.bytes.data(), static_cast<int>(value.bytes.size()),
                        SQLITE_TRANSIENT);
    }
  }

  void insert(const data::Batch& batch, std::size_t row) {
    sqlite3_stmt* statement = prepare("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)");
    for (std::size_t c = 0; c < batch.columns.size(); ++c) {
      bind_value(statement, static_cast<int>(c) + 1, data::value_at(*batch.columns[c], row));
    }
    RC_ASSERT(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_finalize(statement);
  }

  static std::string text_of_result(sqlite3_stmt* statement) {
    switch (sqlite3_column_type(statement, 0)) {
      case SQLITE_NULL:
        return "NULL";
      case SQLITE_INTEGER:
        return "integer " + std::to_string(sqlite3_column_int64(statement, 0));
      case SQLITE_FLOAT: {
        std::string out = "real ";
        data::append_float64(out, sqlite3_column_double(statement, 0) + 0.0);  // -0 becomes 0
        return out;
      }
      default: {
        const char* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
        return "text " +
               std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
      }
    }
  }

  sqlite3* db_ = nullptr;
};

std::string text_of_cell(const data::Column& column, std::size_t row) {
  if (column.is_null(row)) return "NULL";
  switch (column.type().kind) {
    case data::Kind::kBool:
      return column.bool_at(row) ? "integer 1" : "integer 0";
    case data::Kind::kInt64:
      return "integer " + std::to_string(column.int64_at(row));
    case data::Kind::kFloat64: {
      std::string out = "real ";
      data::append_float64(out, column.float64_at(row) + 0.0);
      return out;
    }
    default:
      return "text " + std::string(column.bytes_at(row));
  }
}

NodePtr bound(const std::string& text, const data::Batch& batch) {
  base::Diagnostics diagnostics;
  const SyntaxPtr syntax = parse(testing::located(text), diagnostics);
  if (syntax == nullptr) RC_FAIL(diagnostics.render_all() + text);
  Scope scope;
  scope.columns = batch.schema.get();
  const NodePtr node =
      expr::bind(*syntax, testing::located(text), scope, std::nullopt, diagnostics);
  if (node == nullptr) RC_FAIL(diagnostics.render_all() + text);
  return node;
}

void compare(const std::string& text, const data::Batch& batch, Database& database) {
  const NodePtr node = bound(text, batch);
  const SqlResult sql = to_sql(*node, connectors::sqlite::sqlite_dialect());
  if (!sql.sql) RC_FAIL(sql.why_not + ": " + text);
  std::vector<data::RowError> errors;
  const data::ColumnPtr kernel = evaluate(*node, batch, {}, "x", errors);
  RC_ASSERT(errors.empty());
  const std::vector<std::string> rows = database.select(*sql.sql);
  RC_ASSERT(rows.size() == batch.rows);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row] != text_of_cell(*kernel, row)) {
      RC_FAIL(text + "\n" + sql.sql->text + "\nrow " + std::to_string(row) + ": kernel " +
              text_of_cell(*kernel, row) + ", SQL " + rows[row]);
    }
  }
}

TEST(ExprSql, kernels_and_sqlite_agree) {
  const bool held = rc::check("every exact expression has one value", [](std::uint64_t seed) {
    Random random(seed);
    const data::Batch batch = random_rows(random, 20);
    Database database(batch);
    Author author(random);
    for (int i = 0; i < 40; ++i) compare(author.any(4), batch, database);
  });
  EXPECT_TRUE(held);
}

/// The harness itself must notice a difference: a template that is wrong on purpose.
TEST(ExprSql, a_wrong_template_is_noticed) {
  Dialect wrong = connectors::sqlite::sqlite_dialect();
  wrong.templates["lower"] = {"lower({0})", true, ""};
  data::Batch batch = testing::batch_of({{"t", "text", {"Ä"}}});
  const NodePtr node = bound("lower(t)", batch);
  ASSERT_TRUE(to_sql(*node, wrong).sql.has_value());
  sqlite3* db = nullptr;
  sqlite3_open(":memory:", &db);
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(db, "SELECT lower('Ä')", -1, &statement, nullptr);
  ASSERT_EQ(sqlite3_step(statement), SQLITE_ROW);
  const std::string sql = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(db);
  std::vector<data::RowError> errors;
  EXPECT_NE(sql, std::string(evaluate(*node, batch, {}, "", errors)->bytes_at(0)));
}

}  // namespace
}  // namespace engine::expr
