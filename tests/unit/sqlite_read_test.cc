#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "connectors/sqlite/connection.h"
#include "connectors/sqlite/types.h"
#include "data/type.h"
#include "data/value_text.h"
#include "unit/sqlite_file.h"
#include "unit/sqlite_rows.h"

namespace engine::testing {
namespace {

using connect::OpenMode;
using connectors::sqlite::affinity_of;
using connectors::sqlite::type_names;
using connectors::sqlite::type_of_declared;
using data::Kind;
using data::Type;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

std::string declared_type(const std::string& name) {
  return data::type_name(type_of_declared(name));
}

TEST(SqliteTypes, NamesHaveOneMeaning) {
  EXPECT_EQ(declared_type("integer"), "int64");
  EXPECT_EQ(declared_type("unsigned  big int"), "int64");
  EXPECT_EQ(declared_type("VARCHAR(20)"), "text");
  EXPECT_EQ(declared_type("DateTime"), "text");
  EXPECT_EQ(declared_type("NUMERIC(10, 2)"), "decimal(10,2)");
  EXPECT_EQ(declared_type("DECIMAL(8)"), "decimal(8,0)");
  EXPECT_EQ(declared_type("DECIMAL"), "number");
  EXPECT_EQ(declared_type("NUMBER(50,2)"), "number");
  EXPECT_EQ(declared_type(""), "text");
  EXPECT_EQ(declared_type("FOO_INT"), "int64");
  EXPECT_EQ(declared_type("ENUM"), "text");
}

TEST(SqliteTypes, CreatedNamesComeBackAndChangeNothing) {
  const std::vector<Type> types = {
      Type::of(Kind::kBool), Type::of(Kind::kInt64),  Type::of(Kind::kFloat64),
      Type::decimal(12, 2),  Type::of(Kind::kNumber), Type::of(Kind::kDate),
      Type::of(Kind::kTime), Type::timestamp(true),   Type::timestamp(false),
      Type::of(Kind::kText), Type::of(Kind::kBytes),  Type::of(Kind::kUuid),
      Type::of(Kind::kJson),
  };
  for (const auto& type : types) {
    const std::string declared = connectors::sqlite::declared_of_type(type);
    EXPECT_EQ(type_of_declared(declared), type) << declared;
    if (type.kind == Kind::kDecimal || type.kind == Kind::kNumber ||
        type.kind == Kind::kTimestamp) {
      EXPECT_EQ(affinity_of(declared, false), connectors::sqlite::Affinity::kText) << declared;
    }
  }
  EXPECT_THAT(error_of([] { connectors::sqlite::declared_of_type(Type::of(Kind::kDocument)); }),
              HasSubstr("E314"));
  EXPECT_GT(type_names().size(), types.size());
}

TEST(SqliteOpen, WhatIsMissingDependsOnTheMode) {
  const SqliteFile file;
  EXPECT_THAT(error_of([&] { file.open(OpenMode::kRead); }), HasSubstr("E201"));
  const auto target = file.open(OpenMode::kReadTarget);
  EXPECT_FALSE(target->describe("t"));
  EXPECT_TRUE(target->tables().empty());
  EXPECT_TRUE(target->ledger()->receipts("").empty());
  EXPECT_FALSE(std::filesystem::exists(file.path()));
  const std::string identity = target->identity();
  EXPECT_THAT(identity, HasSubstr("data.db"));

  file.open(OpenMode::kPublish, "new/data.db");
  EXPECT_TRUE(std::filesystem::exists(file.folder() + "/new"));
  EXPECT_THAT(error_of([&] { file.open(OpenMode::kPublish, "a/b/data.db"); }), HasSubstr("E201"));
}

TEST(SqliteOpen, OneFileHasOneIdentity) {
  const SqliteFile file;
  file.run("CREATE TABLE t (a)");
  std::filesystem::create_hard_link(file.path(), file.folder() + "/other.db");
  std::filesystem::create_symlink(file.path(), file.folder() + "/link.db");
  const std::string identity = file.open(OpenMode::kRead)->identity();
  EXPECT_EQ(file.open(OpenMode::kRead, "other.db")->identity(), identity);
  EXPECT_EQ(file.open(OpenMode::kPublish, "link.db")->identity(), identity);
}

TEST(SqliteOpen, NoDatabaseIsSaidSo) {
  const SqliteFile file;
  std::ofstream(file.path()) << "this is certainly no database, but long enough to look like one. "
                                "this is certainly no database, but long enough to look like one.";
  EXPECT_THAT(error_of([&] { file.open(OpenMode::kRead); }), HasSubstr("E202"));
  std::filesystem::create_directory(file.folder() + "/folder");
  EXPECT_THAT(error_of([&] { file.open(OpenMode::kRead, "folder"); }), HasSubstr("E201"));
}

/// A copy of a database and its journal in the middle of a transaction is what a killed writer
/// leaves.
TEST(SqliteOpen, AHotJournalOfASourceIsRefused) {
  const SqliteFile file;
  file.run("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  sqlite3* const writer = file.handle();
  sqlite3_exec(writer,
               "PRAGMA cache_size=1; BEGIN; INSERT INTO t SELECT randomblob(9000) FROM"
               " (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<99)"
               " SELECT i FROM n)",
               nullptr, nullptr, nullptr);
  std::filesystem::copy_file(file.path(), file.folder() + "/killed.db");
  std::filesystem::copy_file(file.path() + "-journal", file.folder() + "/killed.db-journal");
  sqlite3_close(writer);
  EXPECT_THAT(error_of([&] { file.open(OpenMode::kRead, "killed.db"); }), HasSubstr("E204"));
  // A target is opened by a writer, which rolls back what the dead one left.
  const auto target = file.open(OpenMode::kPublish, "killed.db");
  EXPECT_EQ(target->count("t", std::nullopt), 1);
  EXPECT_EQ(file.open(OpenMode::kRead, "killed.db")->count("t", std::nullopt), 1);
}

// Who refers to a table is looked up once for all tables; a change by anybody is seen all the same.
TEST(SqliteCatalog, ForgetsWhoRefersWhenTheSchemaChanges) {
  const SqliteFile file;
  file.run("CREATE TABLE parent (id INTEGER PRIMARY KEY)");
  const auto connection = file.open(OpenMode::kPublish);
  EXPECT_TRUE(connection->describe("parent")->referenced_by.empty());
  file.run(
      "CREATE TABLE b (p INT, q INT REFERENCES Parent(id) ON DELETE CASCADE);"
      "CREATE TABLE a (p INT REFERENCES parent, q INT REFERENCES PARENT)");
  const auto keys = connection->describe("PARENT")->referenced_by;
  ASSERT_EQ(keys.size(), 3);
  EXPECT_EQ(keys[0].to, "a");
  EXPECT_EQ(keys[0].fields, (Lines{"id"}));
  EXPECT_EQ(keys[2].to, "b");
  EXPECT_TRUE(keys[2].cascades);
  file.run("DROP TABLE a");
  EXPECT_EQ(connection->describe("parent")->referenced_by.size(), 1);
}

TEST(SqliteCatalog, DescribesATable) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT COLLATE NOCASE UNIQUE);"
      "CREATE TABLE \"odd name\" (a TEXT, b INT NOT NULL DEFAULT 5, c AS (b + 1),"
      " d INT REFERENCES parent ON DELETE CASCADE, PRIMARY KEY (b, a)) WITHOUT ROWID;"
      "CREATE VIEW v AS SELECT 1 AS x;"
      "CREATE TRIGGER t1 AFTER INSERT ON parent BEGIN SELECT 1; END");
  const auto connection = file.open(OpenMode::kRead);
  EXPECT_EQ(connection->tables(), (Lines{"odd name", "parent"}));
  EXPECT_EQ(connection->views(), (Lines{"v"}));
  const auto odd = connection->describe("odd name");
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->primary_key, (Lines{"b", "a"}));
  EXPECT_TRUE(odd->empty);
  EXPECT_FALSE(odd->find("a")->nullable);
  EXPECT_TRUE(odd->find("b")->has_default);
  EXPECT_TRUE(odd->find("c")->generated);
  ASSERT_EQ(odd->foreign_keys.size(), 1U);
  EXPECT_EQ(odd->foreign_keys[0].to, "parent");
  EXPECT_EQ(odd->foreign_keys[0].fields, (Lines{"id"}));
  EXPECT_TRUE(odd->foreign_keys[0].cascades);

  const auto parent = connection->describe("PARENT");
  ASSERT_TRUE(parent);
  EXPECT_EQ(parent->name, "parent");
  EXPECT_TRUE(parent->find("id")->has_default);
  EXPECT_EQ(parent->unique_indexes, (std::vector<Lines>{{"code"}}));
  EXPECT_EQ(parent->triggers, (Lines{"t1"}));
  ASSERT_EQ(parent->referenced_by.size(), 1U);
  EXPECT_EQ(parent->referenced_by[0].to, "odd name");
  EXPECT_EQ(parent->referenced_by[0].columns, (Lines{"d"}));
  EXPECT_THAT(parent->notes, ElementsAre(HasSubstr("NOCASE"), HasSubstr("t1")));
  EXPECT_TRUE(connection->describe("v")->is_view);
  EXPECT_FALSE(connection->describe("nothing"));
}

Lines read_all(connect::Connection& connection, const connect::ReadRequest& request) {
  Lines out;
  data::Batch batch;
  const auto source = connection.read(request, {});
  while (source->next(batch)) {
    for (std::size_t row = 0; row < batch.rows; ++row) {
      out.emplace_back();
      for (const auto& column : batch.columns) {
        out.back() += (out.back().empty() ? "" : "|") +
                      (column->is_null(row) ? "NULL" : data::value_text(*column, row));
      }
      for (const auto& error : batch.errors) {
        if (error.row == row) out.back() += " " + error.code + " " + error.value;
      }
    }
  }
  return out;
}

connect::ReadRequest whole(connect::Connection& connection, const std::string& table) {
  connect::ReadRequest request;
  request.table = table;
  const auto info = connection.describe(table);
  for (const auto& column : info->columns) {
    request.columns.fields.push_back({column.name, column.type, column.nullable});
  }
  return request;
}

TEST(SqliteSource, CellsThatDoNotConformAreRowErrors) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE t (i INT, b BOOLEAN, x BLOB, s TEXT, d DECIMAL(6,2), n NUMBER, e);"
      "INSERT INTO t VALUES (1, 1, x'00', 'a', 1.5, 1e3, 'e');"
      "INSERT INTO t VALUES ('x', 2, 'text', x'61', 1.555, 'no', 5);"
      "INSERT INTO t VALUES (1.5, NULL, NULL, CAST(x'ff61' AS TEXT), '0.10', '007', NULL)");
  const auto connection = file.open(OpenMode::kRead);
  const auto lines = read_all(*connection, whole(*connection, "t"));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "1|true|\\x00|a|1.50|1000|e");
  EXPECT_EQ(lines[1],
            "NULL|NULL|NULL|NULL|NULL|NULL|NULL E403 x E403 2 E403 text E403 \\x61 E403 1.555 E403 "
            "no E403 5");
  EXPECT_EQ(lines[2],
            "NULL|NULL|NULL|NULL|0.10|7|NULL E403 1.5 E406 \xff"
            "a");
}

TEST(SqliteSource, OneConnectionSeesOneState) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE a (i INT); INSERT INTO a VALUES (1); CREATE TABLE b (i INT);"
      "PRAGMA journal_mode=WAL");
  const auto connection = file.open(OpenMode::kRead);
  EXPECT_EQ(connection->count("a", std::nullopt), 1);
  file.run("INSERT INTO a VALUES (2); INSERT INTO b VALUES (1)");
  EXPECT_EQ(connection->count("b", std::nullopt), 0);
  EXPECT_EQ(read_all(*connection, whole(*connection, "a")), (Lines{"1"}));
  EXPECT_EQ(file.open(OpenMode::kRead)->count("b", std::nullopt), 1);
}

TEST(SqliteSource, BatchesAreBoundedAndCanGoOn) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE t (i INTEGER PRIMARY KEY, s TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION"
      " ALL SELECT i+1 FROM n WHERE i < 20000) INSERT INTO t SELECT i, 'x' FROM n");
  const auto connection = file.open(OpenMode::kRead);
  const auto request = whole(*connection, "t");
  const auto source = connection->read(request, {});
  data::Batch batch;
  ASSERT_TRUE(source->next(batch));
  EXPECT_EQ(batch.rows, data::kMaxBatchRows);
  const auto rest = connection->read(request, {source->position()});
  ASSERT_TRUE(rest->next(batch));
  EXPECT_EQ(batch.column(0).int64_at(0), static_cast<std::int64_t>(data::kMaxBatchRows) + 1);
}

TEST(SqliteSource, OrderUsesTheIndexAndComparesBytes) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE t (s TEXT COLLATE NOCASE PRIMARY KEY); INSERT INTO t VALUES ('b'), ('A'),"
      " ('a1'), ('B2')");
  const auto connection = file.open(OpenMode::kRead);
  auto request = whole(*connection, "t");
  request.order_by = {"s"};
  EXPECT_EQ(read_all(*connection, request), (Lines{"A", "B2", "a1", "b"}));
  request.keys = batch_of({{{"s", Type::of(Kind::kText), false}}},
                          {{data::Value::of_text("a")}, {data::Value::of_text("b")}});
  EXPECT_EQ(read_all(*connection, request), (Lines{"b"}));
}

TEST(SqliteSource, ConditionsAreBound) {
  const SqliteFile file;
  file.run("CREATE TABLE t (i INT, s TEXT); INSERT INTO t VALUES (1, 'it''s'), (2, 'x')");
  const auto connection = file.open(OpenMode::kRead);
  auto request = whole(*connection, "t");
  request.where =
      expr::Sql{"s = ? AND i < ?", {data::Value::of_text("it's"), data::Value::of_int64(5)}};
  EXPECT_EQ(read_all(*connection, request), (Lines{"1|it's"}));
  EXPECT_EQ(connection->count("t", request.where), 1);
  request.keys = batch_of({{{"i", Type::of(Kind::kInt64), false}}}, {{data::Value::of_int64(2)}});
  EXPECT_TRUE(read_all(*connection, request).empty());
  EXPECT_EQ(connection->newest("t", "i").text, "2");
}

TEST(SqliteSource, AConditionDoesNotHideCellsThatDoNotConform) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE t (i INT, s TEXT); INSERT INTO t VALUES (1, 'a'), (9, 'b'), ('x', 'c'),"
      " (NULL, 'd'), (9, x'00')");
  const auto connection = file.open(OpenMode::kRead);
  auto request = whole(*connection, "t");
  request.where = expr::Sql{"\"i\" < ?", {data::Value::of_int64(5)}};
  EXPECT_EQ(read_all(*connection, request), (Lines{"1|a", "NULL|c E403 x"}));
  EXPECT_EQ(connection->count("t", request.where), 2);
}

TEST(SqliteSource, UnknownNamesAreErrors) {
  const SqliteFile file;
  file.run("CREATE TABLE t (i INT)");
  const auto connection = file.open(OpenMode::kRead);
  auto request = whole(*connection, "t");
  request.columns.fields[0].name = "j";
  EXPECT_THAT(error_of([&] { connection->read(request, {}); }), HasSubstr("E302"));
  request.table = "nothing";
  EXPECT_THAT(error_of([&] { connection->read(request, {}); }), HasSubstr("E301"));
  EXPECT_THAT(error_of([&] { connection->newest("t", "j"); }), HasSubstr("E302"));
}

}  // namespace
}  // namespace engine::testing
