#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "conformance/support/rows.h"
#include "conformance/support/world.h"
#include "connect/connection.h"
#include "data/key.h"
#include "data/value_text.h"

namespace engine::conformance {
namespace {

using connect::Conflicts;
using connect::Op;
using connect::OpenMode;
using connect::Publisher;
using data::Kind;
using data::Type;
using data::Value;
using testing::TestWithParam;
using Lines = std::vector<std::string>;

constexpr std::int64_t kLeaseUs = 60'000'000;

/// What every connector promises, whatever stands behind it.
class Conformance : public TestWithParam<WorldMaker> {
 protected:
  void SetUp() override { world_ = GetParam().make(); }

  std::unique_ptr<connect::Connection> target() { return world_->open(OpenMode::kPublish); }

  static connect::TableWrite items_write() {
    auto write = write_to("items", item_schema(), {"id"});
    write.create = item_definition();
    return write;
  }
  /// Three rows, published by run "first".
  void load_items(connect::Connection& connection) {
    publish(connection, "first", items_write(),
            {item(Op::kInsert, 1, "a"), item(Op::kInsert, 2, "b"), item(Op::kInsert, 3, "c")});
  }
  /// Inserts 4, changes 2, deletes 3, as run "second".
  connect::Receipt change_items(connect::Connection& connection) {
    return publish(
        connection, "second", items_write(),
        {item(Op::kUpdate, 2, "B"), item(Op::kDelete, 3, ""), item(Op::kInsert, 4, "d")});
  }
  template <typename Work>
  static std::string code_of(const Work& work) {
    try {
      work();
    } catch (const base::Error& error) {
      return error.code();
    }
    return "no error";
  }

  /// What follows changes single rows of a table.
  static bool writes_whole_tables(const connect::Connection& connection) {
    return connection.capabilities().whole_tables;
  }

  bool holds(const std::string& text) const {
    return world_->holds_nul() || text.find('\0') == std::string::npos;
  }

  std::unique_ptr<World> world_;
};

constexpr const char* kWhole = "this connector writes tables as a whole";

struct TypeCase {
  Type type;
  Lines values;  ///< value texts
};

std::vector<TypeCase> type_cases() {
  return {
      {Type::of(Kind::kBool), {"true", "false"}},
      {Type::of(Kind::kInt64),
       {"0", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993"}},
      {Type::of(Kind::kFloat64),
       {"0", "0.1", "-1.5e300", "5e-324", "Infinity", "-Infinity", "1", "9007199254740993"}},
      {Type::decimal(12, 2), {"0.00", "0.10", "-9999999999.99", "100.00"}},
      {Type::decimal(38, 10), {"1234567890123456789012345678.0123456789", "0.0000000001"}},
      {Type::of(Kind::kNumber),
       {"0", "12345678901234567.89", "-0.001",
        "123456789012345678901234567890123456789012345678901234567890"}},
      {Type::of(Kind::kDate), {"0001-01-01", "2024-02-29", "9999-12-31"}},
      {Type::of(Kind::kTime), {"00:00:00", "23:59:59.999999"}},
      {Type::timestamp(true), {"2024-01-31T08:00:00Z", "1969-12-31T23:59:59.000001Z"}},
      {Type::timestamp(false), {"2024-01-31T08:00:00", "9999-12-31T23:59:59.999999"}},
      {Type::of(Kind::kText),
       {"", "007", "1e5", " 5 ",
        "Gr\xc3\xbc\xc3\x9f"
        "e",
        "it's \"x\"", std::string("a\0b", 3), "12345678901234567.89"}},
      {Type::of(Kind::kBytes), {"\\x", "\\x00ff00", "\\x616263"}},
      {Type::of(Kind::kUuid),
       {"00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-a456-426614174000"}},
      {Type::of(Kind::kJson), {"{\"a\": 1.50}", "12", "null", "\"x\""}},
  };
}

data::Schema value_schema(const Type& type) {
  return {{{"id", Type::of(Kind::kInt64), false}, {"value", type, true}}};
}

connect::TableWrite value_write(const std::string& table, const Type& type) {
  auto write = write_to(table, value_schema(type), {"id"});
  write.create.emplace();
  write.create->columns = {{"id", Type::of(Kind::kInt64), false, {}}, {"value", type, true, {}}};
  write.create->primary_key = {"id"};
  return write;
}

TEST_P(Conformance, EveryTypeComesBackAsItWasWritten) {
  const auto connection = target();
  int number = 0;
  for (const auto& test : type_cases()) {
    const std::string table = "values_" + std::to_string(++number);
    std::vector<Change> changes;
    Lines expected;
    for (const auto& text : test.values) {
      if (!holds(text)) continue;
      const auto value = data::parse_value(test.type, text);
      ASSERT_TRUE(value) << text;
      const auto id = static_cast<std::int64_t>(changes.size());
      changes.push_back({Op::kInsert, {Value::of_int64(id), *value}});
      expected.push_back("id=" + std::to_string(id) + " value=" + data::value_text(*value));
    }
    const auto last = static_cast<std::int64_t>(changes.size());
    changes.push_back({Op::kInsert, {Value::of_int64(last), Value::null_of(test.type)}});
    expected.push_back("id=" + std::to_string(last) + " value=NULL");
    publish(*connection, "run-" + table, value_write(table, test.type), changes);

    const auto info = connection->describe(table);
    ASSERT_TRUE(info);
    if (connection->capabilities().has_schema) {
      EXPECT_EQ(data::type_name(info->find("value")->type), data::type_name(test.type));
    } else {
      EXPECT_TRUE(info->find("value")->untyped);
    }
    EXPECT_TRUE(connection->fits(*info->find("value"), test.type).ok);
    EXPECT_EQ(rows_of(*connection, table, value_schema(test.type), {"id"}), expected)
        << data::type_name(test.type);
  }
}

TEST_P(Conformance, AValueThatCannotBeHeldIsRefusedAndNotCut) {
  if (world_->holds_nul()) GTEST_SKIP() << "its texts hold any character";
  const auto connection = target();
  const std::vector<Change> changes = {item(Op::kInsert, 1, std::string("a\0b", 3))};
  EXPECT_EQ(code_of([&] { publish(*connection, "nul", items_write(), changes); }), "E407");
  EXPECT_FALSE(connection->describe("items"));
}

TEST_P(Conformance, OrderIsThatOfKeyBytes) {
  const auto connection = target();
  if (!connection->capabilities().ordered_read) GTEST_SKIP() << "it reads in no order";
  int number = 0;
  for (const auto& test : type_cases()) {
    if (test.type.kind == Kind::kJson) continue;
    const std::string table = "keys_" + std::to_string(++number);
    const data::Schema schema{{{"k", test.type, false}}};
    auto write = write_to(table, schema, {"k"});
    write.create.emplace();
    write.create->columns = {{"k", test.type, false, {}}};
    write.create->primary_key = {"k"};
    std::vector<Change> changes;
    std::vector<std::pair<std::string, std::string>> sorted;
    for (const auto& text : test.values) {
      if (!holds(text)) continue;
      const Value value = data::parse_value(test.type, text).value();
      changes.push_back({Op::kInsert, {value}});
      sorted.emplace_back(data::key_of(batch_of(schema, {{value}}), {0}, 0),
                          "k=" + data::value_text(value));
    }
    std::sort(sorted.begin(), sorted.end());
    Lines expected;
    for (const auto& entry : sorted) expected.push_back(entry.second);
    publish(*connection, "run-" + table, write, changes);
    EXPECT_EQ(rows_of(*connection, table, schema, {"k"}), expected) << data::type_name(test.type);
  }
}

TEST_P(Conformance, LooksUpRowsByKey) {
  const auto connection = target();
  if (!connection->capabilities().key_lookup) GTEST_SKIP() << "it looks up no keys";
  load_items(*connection);
  connect::ReadRequest request;
  request.table = "items";
  request.columns = item_schema();
  const data::Schema key{{item_schema().fields[0]}};
  request.keys = batch_of(key, {{Value::of_int64(3)}, {Value::of_int64(9)}, {Value::of_int64(1)}});
  const auto source = connection->read(request, connection->partitions(request).at(0));
  data::Batch batch;
  ASSERT_TRUE(source->next(batch));
  ASSERT_EQ(batch.rows, 2U);
  EXPECT_EQ(batch.column(0).int64_at(0), 3);
  EXPECT_EQ(batch.column(1).bytes_at(1), "a");
  EXPECT_FALSE(source->next(batch));
}

TEST_P(Conformance, ACellThatDoesNotConformIsARowError) {
  if (!world_->can_spoil()) GTEST_SKIP() << "columns hold what their type says";
  const auto connection = target();
  load_items(*connection);
  world_->spoil_row("items", 2);
  EXPECT_EQ(items_in(*target(), "items"),
            (Lines{"id=1 name=a", "id=2 name=NULL " + world_->code_of_spoiled() + "(name)",
                   "id=3 name=c"}));
}

TEST_P(Conformance, DescribesCountsAndKnowsTheNewest) {
  const auto connection = target();
  EXPECT_FALSE(connection->describe("items"));
  load_items(*connection);
  const auto info = connection->describe("items");
  ASSERT_TRUE(info);
  if (connection->capabilities().has_schema) {
    EXPECT_EQ(info->primary_key, (Lines{"id"}));
  }
  EXPECT_FALSE(info->empty);
  EXPECT_EQ(connection->tables(), (Lines{"items"}));
  EXPECT_EQ(connection->count("items", std::nullopt), 3);
  const auto newest = connection->newest("items", "name");
  EXPECT_EQ(newest.text, "c");
  EXPECT_GT(newest.source_now_us, 0);
}

TEST_P(Conformance, ReceiptAndLedgerSayWhatHappened) {
  const auto connection = target();
  if (writes_whole_tables(*connection)) GTEST_SKIP() << kWhole;
  load_items(*connection);
  const auto receipt = change_items(*connection);
  ASSERT_EQ(receipt.tables.size(), 1U);
  const auto& table = receipt.tables[0];
  EXPECT_EQ(table.inserted, 1);
  EXPECT_EQ(table.updated, 1);
  EXPECT_EQ(table.deleted, 1);
  EXPECT_FALSE(table.created);
  EXPECT_GT(table.undo_bytes, 0U);
  EXPECT_EQ(table.after.rows, 2U);
  EXPECT_EQ(items_in(*connection, "items"), (Lines{"id=1 name=a", "id=2 name=B", "id=4 name=d"}));

  const auto rows = connection->ledger()->receipts("second");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].after_digest, table.after.text());
  EXPECT_EQ(rows[0].inserted, 1);
  EXPECT_EQ(connection->ledger()->receipts("").size(), 2U);
  EXPECT_EQ(connection->ledger()->receipts("nobody").size(), 0U);
}

TEST_P(Conformance, TheDigestIsOneOfTheRowsAlone) {
  const auto connection = target();
  std::vector<Change> changes = {item(Op::kInsert, 1, "a"), item(Op::kInsert, 2, "b")};
  auto one = items_write();
  one.step = one.table = "one";
  auto two = items_write();
  two.step = two.table = "two";
  const auto first = publish(*connection, "r1", one, changes);
  std::swap(changes[0], changes[1]);
  const auto second = publish(*connection, "r2", two, changes);
  EXPECT_EQ(first.tables[0].after, second.tables[0].after);
  two.step = two.table = "three";
  changes[0] = item(Op::kInsert, 2, "c");
  EXPECT_NE(publish(*connection, "r3", two, changes).tables[0].after, first.tables[0].after);
}

TEST_P(Conformance, AbandonedWorkLeavesNothing) {
  const auto connection = target();
  load_items(*connection);
  const auto ledger = connection->ledger();
  const auto run = run_named("abandoned");
  const auto lock = ledger->acquire(run, kLeaseUs);
  const auto unit = unit_of(run, lock, write_to("items", item_schema(), {"id"}));
  for (const bool by_destruction : {false, true}) {
    auto publisher = connection->publisher();
    publisher->begin(unit);
    std::vector<Change> some = {item(Op::kInsert, 7, "x")};
    if (!writes_whole_tables(*connection)) some.push_back(item(Op::kDelete, 1, ""));
    ListedChanges changes(item_schema(), some);
    publisher->apply(unit.tables[0], changes);
    if (!by_destruction) publisher->abort();
  }
  EXPECT_EQ(items_in(*connection, "items").size(), 3U);
  EXPECT_TRUE(ledger->receipts("abandoned").empty());
}

TEST_P(Conformance, PublishingAgainDoesNothing) {
  const auto connection = target();
  if (writes_whole_tables(*connection)) GTEST_SKIP() << kWhole;
  load_items(*connection);
  const auto first = change_items(*connection);
  EXPECT_FALSE(first.already_done);
  const auto again = change_items(*connection);
  EXPECT_TRUE(again.already_done);
  ASSERT_EQ(again.tables.size(), 1U);
  EXPECT_EQ(again.tables[0].inserted, 1);
  EXPECT_EQ(again.committed_us, first.committed_us);
  EXPECT_EQ(items_in(*connection, "items"), (Lines{"id=1 name=a", "id=2 name=B", "id=4 name=d"}));
}

TEST_P(Conformance, ALockThatIsHeldIsRefusedByName) {
  const auto one = target();
  const auto two = target();
  const auto lock = one->ledger()->acquire(run_named("holder"), kLeaseUs);
  try {
    two->ledger()->acquire(run_named("other"), kLeaseUs);
    FAIL() << "the lock was given twice";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E501");
    EXPECT_EQ(error.fault(), base::Fault::kLocked);
    EXPECT_NE(error.message().find("holder"), std::string::npos);
    EXPECT_NE(error.message().find("pid="), std::string::npos);
  }
  EXPECT_EQ(one->ledger()->renew(lock, kLeaseUs), connect::Ledger::Renewed::kOurs);
  one->ledger()->release(lock);
  EXPECT_EQ(two->ledger()->acquire(run_named("other"), kLeaseUs).epoch, lock.epoch + 1);
}

TEST_P(Conformance, TheLockOfADeadProcessIsTakenOver) {
  const auto connection = target();
  auto dead = run_named("dead");
  const auto at = dead.owner.find("start=");
  dead.owner = dead.owner.substr(0, at) + "start=1";
  connection->ledger()->acquire(dead, kLeaseUs);
  EXPECT_EQ(connection->ledger()->acquire(run_named("next"), kLeaseUs).epoch, 2U);
}

TEST_P(Conformance, WhoHoldsTheLockIsAskedToStop) {
  const auto one = target();
  const auto two = target();
  EXPECT_FALSE(two->ledger()->lock().has_value());
  const auto lock = one->ledger()->acquire(run_named("holder"), kLeaseUs);
  EXPECT_FALSE(two->ledger()->ask_to_stop("somebody else"));
  EXPECT_EQ(one->ledger()->renew(lock, kLeaseUs), connect::Ledger::Renewed::kOurs);
  EXPECT_TRUE(two->ledger()->ask_to_stop("holder"));
  EXPECT_EQ(one->ledger()->renew(lock, kLeaseUs), connect::Ledger::Renewed::kAskedToStop);
  EXPECT_EQ(code_of([&] { two->ledger()->acquire(run_named("other"), kLeaseUs); }), "E501");
  one->ledger()->release(lock);
  EXPECT_EQ(two->ledger()->lock()->state, "free");
  EXPECT_FALSE(two->ledger()->ask_to_stop("holder"));
}

TEST_P(Conformance, AskingToStopDoesNotEndAPublishUnderWay) {
  const auto connection = target();
  load_items(*connection);
  const auto run = run_named("asked");
  const auto lock = connection->ledger()->acquire(run, kLeaseUs);
  EXPECT_TRUE(target()->ledger()->ask_to_stop("asked"));
  const auto publisher = connection->publisher();
  publisher->begin(unit_of(run, lock, write_to("items", item_schema(), {"id"})));
  publisher->abort();
  EXPECT_EQ(connection->ledger()->lock()->state, "stopping");
}

TEST_P(Conformance, AFreedLockIsTakenAndItsHolderIsFenced) {
  const auto one = target();
  load_items(*one);
  const auto two = target();
  const auto run = run_named("holder");
  const auto lock = one->ledger()->acquire(run, kLeaseUs);
  EXPECT_FALSE(two->ledger()->unlock("0000000000000000"));
  EXPECT_EQ(two->ledger()->lock()->lock_id, lock.lock_id);
  EXPECT_TRUE(two->ledger()->unlock(lock.lock_id));
  EXPECT_FALSE(two->ledger()->unlock(lock.lock_id));
  const auto publisher = one->publisher();
  const auto unit = unit_of(run, lock, write_to("items", item_schema(), {"id"}));
  EXPECT_EQ(code_of([&] { publisher->begin(unit); }), "E501");
  EXPECT_GT(two->ledger()->acquire(run_named("other"), kLeaseUs).epoch, lock.epoch + 1);
}

TEST_P(Conformance, WhoLostTheLockCannotPublish) {
  const auto zombie = target();
  load_items(*zombie);
  const auto run = run_named("zombie");
  const auto lock = zombie->ledger()->acquire(run, 0);  // a lease that is over at once
  const auto other = target();
  const auto taken = other->ledger()->acquire(run_named("other"), kLeaseUs);
  EXPECT_GT(taken.epoch, lock.epoch);
  EXPECT_EQ(zombie->ledger()->renew(lock, kLeaseUs), connect::Ledger::Renewed::kLost);
  const auto publisher = zombie->publisher();
  const auto unit = unit_of(run, lock, write_to("items", item_schema(), {"id"}));
  EXPECT_EQ(code_of([&] { publisher->begin(unit); }), "E501");
  EXPECT_EQ(items_in(*zombie, "items").size(), 3U);
}

TEST_P(Conformance, ATargetThatMovedIsNoticed) {
  const auto connection = target();
  load_items(*connection);
  const auto run = run_named("late");
  const auto lock = connection->ledger()->acquire(run, kLeaseUs);
  const auto unit = unit_of(run, lock, write_to("items", item_schema(), {"id"}));
  items_in(*connection, "items");
  {
    const auto publisher = connection->publisher();
    EXPECT_EQ(publisher->begin(unit), Publisher::Begun::kReady);
  }
  world_->rename_row("items", 1, "somebody else");
  const auto publisher = connection->publisher();
  EXPECT_EQ(publisher->begin(unit), Publisher::Begun::kMoved);
  if (!connection->capabilities().reads_inside) return;
  connect::ReadRequest request;
  request.table = "items";
  request.columns = item_schema();
  request.order_by = {"id"};
  data::Batch batch;
  ASSERT_TRUE(publisher->read(request)->next(batch));
  EXPECT_EQ(batch.column(1).bytes_at(0), "somebody else");
}

TEST_P(Conformance, ATableSeenEmptyMustStillBeEmpty) {
  const auto connection = target();
  publish(*connection, "create", items_write(), {});
  const auto run = run_named("load");
  const auto lock = connection->ledger()->acquire(run, kLeaseUs);
  auto write = write_to("items", item_schema(), {"id"});
  write.was_empty = true;
  const auto unit = unit_of(run, lock, write);
  EXPECT_EQ(connection->publisher()->begin(unit), Publisher::Begun::kReady);
  world_->insert_row("items", 5, "somebody else");
  EXPECT_EQ(connection->publisher()->begin(unit), Publisher::Begun::kMoved);
}

TEST_P(Conformance, UndoRestoresWhatWasThere) {
  const auto connection = target();
  if (writes_whole_tables(*connection)) GTEST_SKIP() << kWhole;
  load_items(*connection);
  const auto before = items_in(*connection, "items");
  change_items(*connection);
  const auto report = undo(*connection, "second", {"items"});
  ASSERT_EQ(report.tables.size(), 1U);
  EXPECT_EQ(report.tables[0].removed, 1);
  EXPECT_EQ(report.tables[0].restored, 1);
  EXPECT_EQ(report.tables[0].reinserted, 1);
  EXPECT_EQ(report.tables[0].conflict_count, 0);
  EXPECT_TRUE(report.tables[0].verified);
  EXPECT_EQ(items_in(*connection, "items"), before);

  const auto again = undo(*connection, "second", {"items"});
  EXPECT_TRUE(again.tables[0].already);
  EXPECT_EQ(again.tables[0].removed, 0);
  EXPECT_EQ(items_in(*connection, "items"), before);
}

TEST_P(Conformance, UndoLeavesRowsOfOthersAlone) {
  const auto connection = target();
  if (writes_whole_tables(*connection)) GTEST_SKIP() << kWhole;
  load_items(*connection);
  change_items(*connection);
  world_->rename_row("items", 2, "mine");
  world_->rename_row("items", 1, "mine too");  // the run never touched it
  EXPECT_EQ(code_of([&] { undo(*connection, "second", {"items"}, Conflicts::kAbort); }), "E506");
  EXPECT_EQ(items_in(*connection, "items"),
            (Lines{"id=1 name=mine too", "id=2 name=mine", "id=4 name=d"}));
  const auto report = undo(*connection, "second", {"items"});
  EXPECT_EQ(report.tables[0].conflict_count, 1);
  EXPECT_EQ(report.tables[0].conflicts, (Lines{"id=2"}));
  EXPECT_EQ(items_in(*connection, "items"),
            (Lines{"id=1 name=mine too", "id=2 name=mine", "id=3 name=c"}));
}

TEST_P(Conformance, UndoByForceOverwritesConflicts) {
  const auto connection = target();
  if (writes_whole_tables(*connection)) GTEST_SKIP() << kWhole;
  load_items(*connection);
  change_items(*connection);
  world_->rename_row("items", 2, "mine");
  world_->rename_row("items", 4, "mine");
  world_->insert_row("items", 3, "mine");
  const auto report = undo(*connection, "second", {"items"}, Conflicts::kForce);
  EXPECT_EQ(report.tables[0].conflict_count, 0);
  EXPECT_EQ(items_in(*connection, "items"), (Lines{"id=1 name=a", "id=2 name=b", "id=3 name=c"}));
}

TEST_P(Conformance, ADryUndoCountsAndWritesNothing) {
  const auto connection = target();
  if (writes_whole_tables(*connection)) GTEST_SKIP() << kWhole;
  load_items(*connection);
  change_items(*connection);
  const auto after = items_in(*connection, "items");
  const auto report = undo(*connection, "second", {"items"}, Conflicts::kSkip, true);
  EXPECT_EQ(report.tables[0].removed, 1);
  EXPECT_EQ(report.tables[0].restored, 1);
  EXPECT_EQ(report.tables[0].reinserted, 1);
  EXPECT_EQ(items_in(*connection, "items"), after);
  EXPECT_EQ(connection->ledger()->receipts("second").size(), 1U);
}

TEST_P(Conformance, ACreatedTableGoesWhenNobodyUsesIt) {
  const auto connection = target();
  load_items(*connection);
  const auto report = undo(*connection, "first", {"items"});
  EXPECT_TRUE(report.tables[0].dropped);
  EXPECT_EQ(report.tables[0].removed, 3);
  EXPECT_FALSE(connection->describe("items"));
}

TEST_P(Conformance, ACreatedTableWithRowsOfOthersStays) {
  const auto connection = target();
  if (writes_whole_tables(*connection)) GTEST_SKIP() << kWhole;
  load_items(*connection);
  world_->insert_row("items", 9, "mine");
  const auto report = undo(*connection, "first", {"items"});
  EXPECT_FALSE(report.tables[0].dropped);
  EXPECT_TRUE(report.tables[0].kept_created);
  EXPECT_EQ(items_in(*connection, "items"), (Lines{"id=9 name=mine"}));
}

TEST_P(Conformance, UndoThatIsGoneOrUnknownIsSaidSo) {
  const auto connection = target();
  load_items(*connection);
  EXPECT_EQ(code_of([&] { undo(*connection, "nobody", {"items"}); }), "E502");
  EXPECT_GT(connection->ledger()->prune(std::numeric_limits<std::int64_t>::max(), ""), 0U);
  EXPECT_EQ(code_of([&] { undo(*connection, "first", {"items"}); }), "E507");
  EXPECT_EQ(items_in(*connection, "items").size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Connectors, Conformance, testing::ValuesIn(all_worlds()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace engine::conformance
