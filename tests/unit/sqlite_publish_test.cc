#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <limits>

#include "connectors/sqlite/connection.h"
#include "unit/sqlite_file.h"
#include "unit/sqlite_rows.h"

namespace engine::testing {
namespace {

using connect::Op;
using connect::OpenMode;
using connect::Publisher;
using data::Kind;
using data::Schema;
using data::Type;
using data::Value;
using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

Schema pair_of(const Type& type) {
  return {{{"id", Type::of(Kind::kInt64), false}, {"v", type, true}}};
}
const Schema kTexts = pair_of(Type::of(Kind::kText));

Change text_row(Op op, std::int64_t id, const std::string& text) {
  return {op, {Value::of_int64(id), Value::of_text(text)}};
}
Work texts(const std::string& table, std::vector<Change> changes) {
  return {write_to(table, kTexts, {"id"}), std::move(changes)};
}

/// Publishes one value into a column of the declared type; the error, or what the column then
/// holds.
std::string stored(const std::string& declared, const Type& type, const std::string& text) {
  const SqliteFile file;
  file.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v " + declared + ")");
  const auto value = data::parse_value(type, text);
  if (!value) return "no value";
  const std::string error = error_of([&] {
    publish(
        *file.open(OpenMode::kPublish), "r",
        {{write_to("t", pair_of(type), {"id"}), {{Op::kInsert, {Value::of_int64(1), *value}}}}});
  });
  if (error != "no error") return error.substr(0, 4);
  return file.rows("SELECT typeof(v) || ' ' || v FROM t").at(0);
}

TEST(SqliteAffinity, ValuesStayOrAreRefused) {
  const Type text = Type::of(Kind::kText);
  EXPECT_EQ(stored("TEXT", text, "007"), "text 007");
  EXPECT_EQ(stored("", text, "007"), "text 007");
  EXPECT_EQ(stored("STRING", text, "007"), "E407");
  EXPECT_EQ(stored("DATE", text, "2024-01-31"), "text 2024-01-31");
  EXPECT_EQ(stored("DATE", text, "20240131"), "E407");
  EXPECT_EQ(stored("DATE", text, " 1e5 "), "E407");
  EXPECT_EQ(stored("DATE", text, "1e"), "text 1e");
  EXPECT_EQ(stored("DATE", text, "."), "text .");
  EXPECT_EQ(stored("DATE", text, "0x10"), "text 0x10");

  const Type money = Type::decimal(30, 2);
  EXPECT_EQ(stored("NUMERIC(30,2)", money, "0.10"), "real 0.1");
  EXPECT_EQ(stored("NUMERIC(30,2)", money, "5.00"), "integer 5");
  EXPECT_EQ(stored("NUMERIC(30,2)", money, "12345678901234567.89"), "E407");
  EXPECT_EQ(stored("DECIMAL_TEXT(30,2)", money, "12345678901234567.89"),
            "text 12345678901234567.89");
  EXPECT_EQ(stored("NUMBER", Type::of(Kind::kNumber), "9223372036854775807"),
            "integer 9223372036854775807");
  EXPECT_EQ(stored("NUMBER", Type::of(Kind::kNumber), "92233720368547758071"), "E407");

  EXPECT_EQ(stored("REAL", Type::of(Kind::kInt64), "9007199254740992"),
            "real 9.00719925474099e+15");
  EXPECT_EQ(stored("REAL", Type::of(Kind::kInt64), "9007199254740993"), "E407");
  EXPECT_EQ(stored("REAL", Type::of(Kind::kFloat64), "NaN"), "E407");
  EXPECT_EQ(stored("REAL", Type::of(Kind::kFloat64), "-0"), "E407");
  EXPECT_EQ(stored("JSON", Type::of(Kind::kJson), "12"), "integer 12");
  EXPECT_EQ(stored("JSON", Type::of(Kind::kJson), "1.50"), "E407");
  EXPECT_EQ(stored("JSON", Type::of(Kind::kJson), "{}"), "text {}");
}

TEST(SqliteAffinity, FitsSaysWhatColumnsHold) {
  const SqliteFile file;
  file.run("CREATE TABLE t (i INT, s TEXT, d DECIMAL(10,2), r REAL, dt DATE_TEXT)");
  const auto connection = file.open(OpenMode::kRead);
  const auto info = connection->describe("t");
  const auto fits = [&](const char* column, const Type& type) {
    return connection->fits(*info->find(column), type).ok;
  };
  EXPECT_TRUE(fits("i", Type::of(Kind::kInt64)));
  EXPECT_FALSE(fits("i", Type::of(Kind::kText)));
  EXPECT_FALSE(fits("i", Type::of(Kind::kFloat64)));
  EXPECT_TRUE(fits("s", Type::timestamp(true)));
  EXPECT_FALSE(fits("s", Type::of(Kind::kInt64)));
  EXPECT_TRUE(fits("d", Type::decimal(8, 1)));
  EXPECT_FALSE(fits("d", Type::decimal(12, 2)));
  EXPECT_TRUE(fits("r", Type::of(Kind::kInt64)));
  EXPECT_FALSE(fits("dt", Type::of(Kind::kText)));
  EXPECT_THAT(connection->fits(*info->find("i"), Type::of(Kind::kText)).why_not,
              HasSubstr("column 'i' is int64"));
}

TEST(SqlitePublish, SeveralTablesAreOneTransaction) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT);"
      "CREATE TABLE b (id INTEGER PRIMARY KEY, v TEXT NOT NULL)");
  const auto connection = file.open(OpenMode::kPublish);
  Work broken =
      texts("b", {{Op::kInsert, {Value::of_int64(1), Value::null_of(Type::of(Kind::kText))}}});
  EXPECT_THAT(error_of([&] {
                publish(*connection, "r", {texts("a", {text_row(Op::kInsert, 1, "x")}), broken});
              }),
              HasSubstr("E416"));
  EXPECT_EQ(file.rows("SELECT count(*) FROM a"), (Lines{"0"}));
  EXPECT_EQ(file.rows("SELECT count(*) FROM _engine_undo"), (Lines{"0"}));
  broken.changes[0].cells[1] = Value::of_text("y");
  publish(*connection, "r", {texts("a", {text_row(Op::kInsert, 1, "x")}), broken});
  EXPECT_EQ(file.rows("SELECT a.v, b.v FROM a, b"), (Lines{"x|y"}));
}

TEST(SqlitePublish, ConflictsNameTableAndKey) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT COLLATE NOCASE UNIQUE);"
      "INSERT INTO t VALUES (1, 'a')");
  const auto connection = file.open(OpenMode::kPublish);
  const auto error = [&](Op op, std::int64_t id, const std::string& text) {
    return error_of([&] { publish(*connection, "r", {texts("t", {text_row(op, id, text)})}); });
  };
  EXPECT_THAT(error(Op::kInsert, 1, "b"), HasSubstr("E402 table 't', row id=1"));
  EXPECT_THAT(error(Op::kInsert, 2, "A"), HasSubstr("E416 table 't', row id=2"));
  EXPECT_THAT(error(Op::kUpdate, 5, "b"), HasSubstr("E510 table 't': the row id=5 to update"));
  EXPECT_THAT(error(Op::kDelete, 5, ""), HasSubstr("E510"));
  EXPECT_EQ(file.rows("SELECT * FROM t"), (Lines{"1|a"}));
}

TEST(SqlitePublish, InTheMiddleOfABatchTheRefusedRowIsNamed) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v DATE);"
      "CREATE TABLE u (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, v TEXT UNIQUE ON CONFLICT "
      "IGNORE); INSERT INTO t VALUES (3, 'a'); INSERT INTO u VALUES (3, 'a')");
  const auto connection = file.open(OpenMode::kPublish);
  const auto error = [&](const std::string& table, std::int64_t id, const std::string& text) {
    const std::vector<Change> rows = {text_row(Op::kInsert, 1, "x"), text_row(Op::kUpdate, 3, "b"),
                                      text_row(Op::kInsert, 4, ""), text_row(Op::kInsert, id, text),
                                      text_row(Op::kInsert, 9, "y")};
    return error_of([&] { publish(*connection, "r", {texts(table, rows)}); });
  };
  EXPECT_THAT(error("t", 4, "z"), HasSubstr("E402 table 't', row id=4"));
  EXPECT_THAT(error("t", 5, "12"), HasSubstr("E407 table 't', row id=5, column 'v'"));
  EXPECT_THAT(error("u", 3, "z"), HasSubstr("E402 table 'u', row id=3"));
  EXPECT_THAT(error("u", 5, "x"), HasSubstr("E416 table 'u', row id=5"));
  EXPECT_EQ(file.rows("SELECT * FROM t JOIN u USING (id)"), (Lines{"3|a|a"}));
  EXPECT_EQ(error("t", 5, "z"), "no error");
  EXPECT_EQ(file.rows("SELECT * FROM t"), (Lines{"1|x", "3|b", "4|", "5|z", "9|y"}));
  undo(*connection, "r", {"t"});
  EXPECT_EQ(file.rows("SELECT * FROM t"), (Lines{"3|a"}));
}

TEST(SqlitePublish, TwoRowsOfOneKeyAreAnError) {
  const SqliteFile file;
  file.run("CREATE TABLE t (id INT, v TEXT); INSERT INTO t VALUES (1, 'a'), (1, 'b')");
  EXPECT_THAT(error_of([&] {
                publish(*file.open(OpenMode::kPublish), "r",
                        {texts("t", {text_row(Op::kUpdate, 1, "x")})});
              }),
              HasSubstr("E313"));
}

TEST(SqlitePublish, TriggersAndDefaultsAreReadBack) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, n INT DEFAULT 7, g AS (n * 2));"
      "CREATE TRIGGER up AFTER INSERT ON t BEGIN UPDATE t SET v = upper(v) WHERE id = new.id;"
      " END; INSERT INTO t VALUES (9, 'old', 1)");
  const auto connection = file.open(OpenMode::kPublish);
  publish(*connection, "r",
          {texts("t", {text_row(Op::kInsert, 1, "a"), text_row(Op::kUpdate, 9, "new")})});
  EXPECT_EQ(file.rows("SELECT * FROM t ORDER BY id"), (Lines{"1|A|7|14", "9|new|1|2"}));
  const auto report = undo(*connection, "r", {"t"});
  EXPECT_EQ(report.tables[0].conflict_count, 0);
  EXPECT_EQ(file.rows("SELECT * FROM t"), (Lines{"9|OLD|1|2"}));
}

TEST(SqlitePublish, ATriggerThatIgnoresIsAnError) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "CREATE TRIGGER no BEFORE INSERT ON t BEGIN SELECT RAISE(IGNORE); END");
  EXPECT_THAT(error_of([&] {
                publish(*file.open(OpenMode::kPublish), "r",
                        {texts("t", {text_row(Op::kInsert, 1, "a")})});
              }),
              HasSubstr("a trigger ignored it"));
}

TEST(SqlitePublish, AReaderInTheWayIsTransient) {
  const SqliteFile file;
  file.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (5, 'x')");
  const auto connection = file.open(OpenMode::kPublish);
  publish(*connection, "first", {texts("t", {text_row(Op::kInsert, 1, "a")})});
  const auto lock = connection->ledger()->acquire(run_named("r"), kLeaseUs);
  connect::PublishUnit unit;
  unit.run = run_named("r");
  unit.epoch = lock.epoch;
  unit.tables = {write_to("t", kTexts, {"id"})};
  const auto publisher = connection->publisher();
  publisher->begin(unit);
  OneBatch changes(kTexts, {text_row(Op::kInsert, 2, "b")});
  publisher->apply(unit.tables[0], changes);
  sqlite3* const reader = file.handle();
  sqlite3_exec(reader, "BEGIN; SELECT * FROM t", nullptr, nullptr, nullptr);
  const std::string error = error_of([&] { publisher->commit(); });
  sqlite3_close(reader);
  EXPECT_THAT(error, HasSubstr("E206"));
  EXPECT_EQ(file.rows("SELECT count(*) FROM t"), (Lines{"2"}));
  EXPECT_EQ(file.rows("SELECT count(*) FROM _engine_ledger WHERE run_id = 'r'"), (Lines{"0"}));
}

TEST(SqlitePublish, OwnCommitsDoNotCountAsMoved) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE a (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO a VALUES (1, 'x');"
      "CREATE TABLE b (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO b VALUES (1, 'x')");
  const auto connection = file.open(OpenMode::kPublish);
  const auto ledger = connection->ledger();
  const auto lock = ledger->acquire(run_named("r"), kLeaseUs);
  connection->count("a", std::nullopt);  // both are compared before either is published
  const auto publisher = connection->publisher();
  for (const char* table : {"a", "b"}) {
    connect::PublishUnit unit;
    unit.run = run_named("r");
    unit.epoch = lock.epoch;
    unit.tables = {write_to(table, kTexts, {"id"})};
    EXPECT_EQ(ledger->renew(lock, kLeaseUs), connect::Ledger::Renewed::kOurs);
    EXPECT_EQ(publisher->begin(unit), Publisher::Begun::kReady) << table;
    EXPECT_EQ(ledger->renew(lock, kLeaseUs), connect::Ledger::Renewed::kOurs);
    OneBatch changes(kTexts, {text_row(Op::kUpdate, 1, "y")});
    publisher->apply(unit.tables[0], changes);
    publisher->commit();
  }
  EXPECT_EQ(file.rows("SELECT a.v || b.v FROM a, b"), (Lines{"yy"}));
}

TEST(SqliteReferences, OnlyNewOrphansAreRefused) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO p VALUES (1, 'x');"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, v INT REFERENCES p);"
      "INSERT INTO c VALUES (7, 99), (8, 1)");
  const auto connection = file.open(OpenMode::kPublish);
  const Schema ints = pair_of(Type::of(Kind::kInt64));
  const auto child = [&](Op op, std::int64_t id, std::int64_t parent) {
    return Work{write_to("c", ints, {"id"}),
                {{op, {Value::of_int64(id), Value::of_int64(parent)}}}};
  };
  EXPECT_THAT(error_of([&] { publish(*connection, "r1", {child(Op::kInsert, 1, 2)}); }),
              HasSubstr("E414 table 'c': v=2 references 'p'"));
  // The order inside a unit does not matter, and orphans that were there are nobody's business.
  publish(*connection, "r2",
          {child(Op::kInsert, 1, 2), texts("p", {text_row(Op::kInsert, 2, "y")})});
  publish(*connection, "r3", {child(Op::kUpdate, 7, 99)});
  EXPECT_THAT(
      error_of([&] { publish(*connection, "r4", {texts("p", {text_row(Op::kDelete, 1, "")})}); }),
      HasSubstr("E417 table 'p': a delete would leave rows without a parent in 'c' (v=1)"));
  publish(*connection, "r5",
          {child(Op::kDelete, 8, 1), texts("p", {text_row(Op::kDelete, 1, "")})});
  EXPECT_EQ(file.rows("SELECT id FROM p"), (Lines{"2"}));
}

TEST(SqliteReferences, ADeleteThatWouldCascadeElsewhereIsRefused) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO p VALUES (1, 'x');"
      "CREATE TABLE c (id INT, v INT REFERENCES p ON DELETE CASCADE);"
      "INSERT INTO c VALUES (7, 1)");
  EXPECT_THAT(error_of([&] {
                publish(*file.open(OpenMode::kPublish), "r",
                        {texts("p", {text_row(Op::kDelete, 1, "")})});
              }),
              HasSubstr("E417"));
  EXPECT_EQ(file.rows("SELECT count(*) FROM c"), (Lines{"1"}));
}

TEST(SqliteUndo, EveryStorageClassComesBack) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE t (id TEXT PRIMARY KEY, v TEXT, w, x BLOB) WITHOUT ROWID;"
      "INSERT INTO t VALUES ('a', 'old', 1.5, x'00ff'), ('b', 'gone', '7', NULL)");
  const auto before = file.rows("SELECT id, quote(v), quote(w), quote(x) FROM t");
  const auto connection = file.open(OpenMode::kPublish);
  const Schema schema{{{"id", Type::of(Kind::kText), false}, {"v", Type::of(Kind::kText), true}}};
  const auto row = [](Op op, const std::string& id, const std::string& v) {
    return Change{op, {Value::of_text(id), Value::of_text(v)}};
  };
  publish(
      *connection, "r",
      {{write_to("t", schema, {"id"}),
        {row(Op::kUpdate, "a", "new"), row(Op::kDelete, "b", ""), row(Op::kInsert, "c", "c")}}});
  EXPECT_NE(file.rows("SELECT id, quote(v), quote(w), quote(x) FROM t"), before);
  EXPECT_TRUE(undo(*connection, "r", {"t"}).tables[0].verified);
  EXPECT_EQ(file.rows("SELECT id, quote(v), quote(w), quote(x) FROM t"), before);
}

TEST(SqliteUndo, AParentOthersNeedStays) {
  const SqliteFile file;
  file.run(
      "CREATE TABLE p (id INTEGER PRIMARY KEY, v INT REFERENCES p);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY, v INT REFERENCES p)");
  const auto connection = file.open(OpenMode::kPublish);
  const Schema ints = pair_of(Type::of(Kind::kInt64));
  const auto row = [](std::int64_t id, std::optional<std::int64_t> parent) {
    return Change{Op::kInsert,
                  {Value::of_int64(id),
                   parent ? Value::of_int64(*parent) : Value::null_of(Type::of(Kind::kInt64))}};
  };
  publish(*connection, "r",
          {{write_to("p", ints, {"id"}), {row(1, {}), row(2, 1), row(3, 2), row(4, {})}},
           {write_to("c", ints, {"id"}), {row(10, 4)}}});
  file.run("INSERT INTO c VALUES (11, 2)");
  for (const bool dry : {true, false}) {
    const auto report = undo(*connection, "r", {"c", "p"}, dry);
    EXPECT_EQ(report.tables[0].removed, 1);
    EXPECT_EQ(report.tables[1].removed, 2) << dry;  // 3 and 4; 2 is needed, and 1 by 2
    EXPECT_EQ(report.tables[1].conflict_count, 2) << dry;
    EXPECT_THAT(report.tables[1].conflicts, ::testing::Contains(HasSubstr("referenced by")));
  }
  EXPECT_EQ(file.rows("SELECT id FROM p"), (Lines{"1", "2"}));
  EXPECT_EQ(file.rows("SELECT id FROM c"), (Lines{"11"}));
  // The conflict gone, the rest can be undone by a second call.
  file.run("DELETE FROM c");
  EXPECT_EQ(undo(*connection, "r", {"p"}).tables[0].removed, 2);
  EXPECT_TRUE(undo(*connection, "r", {"p"}).tables[0].already);
}

TEST(SqliteUndo, BrokenBlocksAndOldFormatsAreRefused) {
  const SqliteFile file;
  file.run("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
  const auto connection = file.open(OpenMode::kPublish);
  publish(*connection, "r", {texts("t", {text_row(Op::kInsert, 1, "a")})});
  file.run("UPDATE _engine_undo SET block = substr(block, 1, length(block) - 1)");
  EXPECT_THAT(error_of([&] { undo(*connection, "r", {"t"}, true); }), HasSubstr("E503"));
  file.run("UPDATE _engine_meta SET value = 2");
  EXPECT_THAT(error_of([&] { connection->ledger()->receipts(""); }), HasSubstr("E504"));
}

TEST(SqliteUndo, ATableSomebodyAlteredIsKept) {
  const SqliteFile file;
  const auto connection = file.open(OpenMode::kPublish);
  Work work = texts("t", {text_row(Op::kInsert, 1, "a")});
  work.write.create.emplace();
  work.write.create->columns = {{"id", Type::of(Kind::kInt64), false, {}},
                                {"v", Type::of(Kind::kText), true, "it's"},
                                {"day", Type::of(Kind::kDate), false, "2024-01-31"}};
  work.write.create->primary_key = {"id"};
  work.write.create->indexes = {{"v"}};
  publish(*connection, "r", {work});
  EXPECT_EQ(file.rows("SELECT * FROM t"), (Lines{"1|a|2024-01-31"}));
  EXPECT_TRUE(undo(*connection, "r", {"t"}, true).tables[0].dropped);
  file.run("ALTER TABLE t ADD COLUMN mine TEXT");
  const auto report = undo(*connection, "r", {"t"});
  EXPECT_EQ(report.tables[0].removed, 1);
  EXPECT_TRUE(report.tables[0].kept_created);
  EXPECT_EQ(file.rows("SELECT count(*) FROM t"), (Lines{"0"}));
}

}  // namespace
}  // namespace engine::testing
