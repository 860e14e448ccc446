#include <gtest/gtest.h>

#include "base/error.h"
#include "conformance/support/rows.h"
#include "conformance/support/world.h"
#include "connect/connection.h"

/// What every connector promises of rows that go, and of rows without a key where it takes them.
namespace engine::conformance {
namespace {

using connect::Op;
using connect::OpenMode;
using connect::Publisher;
using data::Kind;
using data::Type;
using data::Value;
using Lines = std::vector<std::string>;

constexpr std::int64_t kLeaseUs = 60'000'000;

class Removal : public testing::TestWithParam<WorldMaker> {
 protected:
  void SetUp() override {
    world_ = GetParam().make();
    connection_ = world_->open(OpenMode::kPublish);
    if (!connection_->capabilities().deletes) GTEST_SKIP() << "rows are never removed here";
  }

  /// Removes first, then applies, as a run does; `between` is somebody else at work.
  connect::Receipt publish_both(
      const std::string& run_id, connect::TableWrite write, const data::Schema& removed_columns,
      const std::vector<Change>& removed, const std::vector<Change>& applied,
      const std::function<void(Publisher::Begun)>& begun = [](Publisher::Begun) {}) {
    const auto ledger = connection_->ledger();
    const auto run = run_named(run_id);
    const auto lock = ledger->acquire(run, kLeaseUs);
    if (connection_->describe(write.table)) write.create.reset();
    const auto unit = unit_of(run, lock, write);
    const auto publisher = connection_->publisher();
    connect::Receipt receipt;
    try {
      begun(publisher->begin(unit));
      ListedChanges gone(removed_columns, removed);
      if (!removed.empty()) publisher->remove(unit.tables[0], gone);
      ListedChanges come(write.columns, applied);
      publisher->apply(unit.tables[0], come);
      receipt = publisher->commit();
    } catch (...) {
      publisher->abort();
      ledger->release(lock);
      throw;
    }
    ledger->release(lock);
    return receipt;
  }

  static connect::TableWrite items_write() {
    auto write = write_to("items", item_schema(), {"id"});
    write.create = item_definition();
    return write;
  }
  static data::Schema key_schema() { return {{{"id", Type::of(Kind::kInt64), false}}}; }
  static Change key(Op op, std::int64_t id) { return {op, {Value::of_int64(id)}}; }
  Lines items() { return items_in(*connection_, "items"); }
  void load_items() {
    publish(*connection_, "first", items_write(),
            {item(Op::kInsert, 1, "a"), item(Op::kInsert, 2, "b"), item(Op::kInsert, 3, "c")});
    items();
  }

  std::unique_ptr<World> world_;
  std::unique_ptr<connect::Connection> connection_;
};

TEST_P(Removal, RowsThatGoComeBack) {
  load_items();
  const auto receipt = publish_both("second", items_write(), key_schema(),
                                    {key(Op::kDelete, 1), key(Op::kDelete, 3)},
                                    {item(Op::kUpdate, 2, "B"), item(Op::kInsert, 4, "d")});
  EXPECT_EQ(items(), (Lines{"id=2 name=B", "id=4 name=d"}));
  ASSERT_EQ(receipt.tables.size(), 1U);
  EXPECT_EQ(receipt.tables[0].deleted, 2);
  EXPECT_EQ(receipt.tables[0].updated, 1);
  EXPECT_EQ(receipt.tables[0].inserted, 1);

  const auto report = undo(*connection_, "second", {"items"});
  EXPECT_EQ(report.tables[0].reinserted, 2);
  EXPECT_EQ(report.tables[0].conflict_count, 0);
  EXPECT_EQ(items(), (Lines{"id=1 name=a", "id=2 name=b", "id=3 name=c"}));
}

TEST_P(Removal, ARowThatSomebodyPutInItsPlaceIsAConflict) {
  load_items();
  publish_both("second", items_write(), key_schema(), {key(Op::kDelete, 1)}, {});
  world_->insert_row("items", 1, "mine");
  const auto report = undo(*connection_, "second", {"items"});
  EXPECT_EQ(report.tables[0].conflicts, (Lines{"id=1"}));
  EXPECT_EQ(items(), (Lines{"id=1 name=mine", "id=2 name=b", "id=3 name=c"}));
}

TEST_P(Removal, ARowThatIsNotThereStopsTheUnit) {
  load_items();
  std::string code;
  try {
    publish_both("second", items_write(), key_schema(), {key(Op::kDelete, 9)}, {});
  } catch (const base::Error& error) {
    code = error.code();
  }
  EXPECT_EQ(code, "E510");
  EXPECT_EQ(items().size(), 3U);
}

TEST_P(Removal, MarkedRowsStayAndLoseTheirMarkAgain) {
  const data::Schema columns{{{"id", Type::of(Kind::kInt64), false},
                              {"name", Type::of(Kind::kText), true},
                              {"gone", Type::timestamp(true), true}}};
  auto write = write_to("marked", columns, {"id"});
  write.create.emplace();
  for (const auto& field : columns.fields) {
    write.create->columns.push_back({field.name, field.type, field.nullable, {}});
  }
  write.create->primary_key = {"id"};
  write.mark = "gone";
  const Value never = Value::null_of(Type::timestamp(true));
  publish(*connection_, "first", write,
          {{Op::kInsert, {Value::of_int64(1), Value::of_text("a"), never}}});
  rows_of(*connection_, "marked", columns, {"id"});
  const data::Schema marks{{columns.fields[0], columns.fields[2]}};
  const auto time = data::parse_value(Type::timestamp(true), "2024-01-31T08:00:00Z");
  ASSERT_TRUE(time);
  const auto receipt =
      publish_both("second", write, marks, {{Op::kMark, {Value::of_int64(1), *time}}}, {});
  EXPECT_EQ(receipt.tables[0].updated, 1);
  EXPECT_EQ(receipt.tables[0].deleted, 0);
  EXPECT_EQ(rows_of(*connection_, "marked", columns, {"id"}),
            (Lines{"id=1 name=a gone=2024-01-31T08:00:00Z"}));
  undo(*connection_, "second", {"marked"});
  EXPECT_EQ(rows_of(*connection_, "marked", columns, {"id"}), (Lines{"id=1 name=a gone=NULL"}));
}

TEST_P(Removal, AnUpdateWritesOnlyWhatItMay) {
  const data::Schema columns{{{"id", Type::of(Kind::kInt64), false},
                              {"a", Type::of(Kind::kText), true},
                              {"b", Type::of(Kind::kText), true}}};
  auto write = write_to("parts", columns, {"id"});
  write.create.emplace();
  for (const auto& field : columns.fields) {
    write.create->columns.push_back({field.name, field.type, field.nullable, {}});
  }
  write.create->primary_key = {"id"};
  write.updated = {"b"};
  const auto row = [](Op op, std::int64_t id, const char* a, const char* b) {
    return Change{op, {Value::of_int64(id), Value::of_text(a), Value::of_text(b)}};
  };
  publish(*connection_, "first", write, {row(Op::kInsert, 1, "a", "b")});
  publish(*connection_, "second", write,
          {row(Op::kUpdate, 1, "A", "B"), row(Op::kInsert, 2, "x", "y")});
  EXPECT_EQ(rows_of(*connection_, "parts", columns, {"id"}),
            (Lines{"id=1 a=a b=B", "id=2 a=x b=y"}));
  undo(*connection_, "second", {"parts"});
  EXPECT_EQ(rows_of(*connection_, "parts", columns, {"id"}), (Lines{"id=1 a=a b=b"}));
}

/// Rows without a key: append three, take one of two equal ones out by its number, and back.
TEST_P(Removal, RowsWithoutAKeyAreFoundByTheirNumber) {
  auto write = write_to("items", item_schema(), {});
  write.create = item_definition();
  write.create->primary_key.clear();
  const std::vector<Change> rows = {item(Op::kInsert, 1, "a"), item(Op::kInsert, 1, "a"),
                                    item(Op::kInsert, 2, "b")};
  std::string refused;
  try {
    publish(*connection_, "first", write, rows);
  } catch (const base::Error& error) {
    refused = error.code();
  }
  if (refused == "E119") GTEST_SKIP() << "not taken here, and said so";
  ASSERT_EQ(refused, "");
  ASSERT_TRUE(connection_->describe("items")->row_numbers);
  data::Schema numbered = item_schema();
  numbered.fields.push_back({connect::kRowNumber, Type::of(Kind::kInt64), false});
  const Lines before = rows_of(*connection_, "items", numbered, {"id", "name"});
  ASSERT_EQ(before.size(), 3U);
  const std::string number = before[1].substr(before[1].rfind('=') + 1);
  const data::Schema numbers{{numbered.fields.back()}};
  const Change second{Op::kDelete, {Value::of_int64(std::stoll(number))}};

  publish_both("second", write, numbers, {second}, {item(Op::kInsert, 3, "c")});
  EXPECT_EQ(items(), (Lines{"id=1 name=a", "id=2 name=b", "id=3 name=c"}));
  undo(*connection_, "second", {"items"});
  EXPECT_EQ(rows_of(*connection_, "items", numbered, {"id", "name"}), before);

  // Numbers hold only as long as nobody writes.
  rows_of(*connection_, "items", numbered, {});
  world_->insert_row("items", 9, "mine");
  Publisher::Begun seen = Publisher::Begun::kReady;
  publish_both("third", write, numbers, {}, {}, [&](Publisher::Begun begun) { seen = begun; });
  EXPECT_EQ(seen, Publisher::Begun::kMoved);

  undo(*connection_, "first", {"items"});
  EXPECT_EQ(items(), (Lines{"id=9 name=mine"}));
}

INSTANTIATE_TEST_SUITE_P(Connectors, Removal, testing::ValuesIn(all_worlds()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace engine::conformance
