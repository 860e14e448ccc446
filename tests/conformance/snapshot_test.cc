#include <gtest/gtest.h>

#include <filesystem>
#include <utility>

#include "base/error.h"
#include "base/random.h"
#include "conformance/support/rows.h"
#include "conformance/support/world.h"
#include "run/snapshot_connection.h"
#include "run/snapshots.h"

/// What every connector promises to whole copies of its tables, and to those who ask what runs of
/// the engine did since.
namespace engine::conformance {
namespace {

namespace fs = std::filesystem;
using connect::Op;
using connect::OpenMode;
using data::Value;
using Lines = std::vector<std::string>;

/// The world under the name of a plan's connection.
class WorldConnector final : public connect::Connector {
 public:
  explicit WorldConnector(World& world) : world_(world) {}
  std::string type() const override { return "world"; }
  std::unique_ptr<connect::Connection> open(const plan::Connection&, const std::string&,
                                            OpenMode mode) const override {
    return world_.open(mode);
  }

 private:
  World& world_;
};

class Snapshots : public testing::TestWithParam<WorldMaker> {
 protected:
  void SetUp() override {
    world_ = GetParam().make();
    connection_ = world_->open(OpenMode::kPublish);
    plan::Connection connection;
    connection.name.text = "target";
    connection.type = "world";
    plan_.connections.push_back(connection);
    connectors_.push_back(std::make_unique<WorldConnector>(*world_));
  }
  void TearDown() override {
    std::error_code ignored;  // a folder that stays behind fails no test
    fs::remove_all(state_, ignored);
  }

  static connect::TableWrite items_write() {
    auto write = write_to("items", item_schema(), {"id"});
    write.create = item_definition();
    return write;
  }
  void load_items() {
    publish(*connection_, "first", items_write(),
            {item(Op::kInsert, 1, "a"), item(Op::kInsert, 2, "b"), item(Op::kInsert, 3, "c")});
  }
  state::Snapshot take() {
    run::Session session(plan_, connectors_, OpenMode::kReadTarget);
    run::CopyOrder order;
    if (holds_files()) {
      order.tables.push_back({"items", state::Side::kTarget, "target", kFile, {}, true});
    } else {
      order.tables.push_back({"items", state::Side::kTarget, "target", "items", {"id"}, false});
    }
    state::Snapshot head;
    head.id = "20260101-000000-0000000" + std::to_string(++taken_);
    return run::take_snapshot(session, order, head, state_, [](std::uint64_t) {});
  }
  std::vector<bool> own(const Lines& asked, std::int64_t since_us) {
    std::vector<std::vector<Value>> keys;
    for (const std::string& id : asked) keys.push_back({Value::of_int64(std::stoll(id))});
    const data::Schema key = {{item_schema().fields[0]}};
    const auto reader = world_->open(OpenMode::kReadTarget);
    return reader->ledger()->own_rows("items", {"id"}, since_us)->look(batch_of(key, keys));
  }
  std::int64_t last_commit() { return connection_->ledger()->receipts("").back().committed_us; }
  static std::string bytes_in(connect::Connection& connection, const connect::ReadRequest& pieces) {
    const auto source = connection.read(pieces, {});
    std::string bytes;
    data::Batch piece;
    while (source->next(piece)) bytes += piece.column(1).bytes_at(0);
    return bytes;
  }
  bool holds_files() const { return connection_->capabilities().files; }

  std::unique_ptr<World> world_;
  std::unique_ptr<connect::Connection> connection_;
  plan::Plan plan_;
  run::Connectors connectors_;
  fs::path state_ = fs::temp_directory_path() / ("engine-snapshots-" + base::random_hex(8));
  int taken_ = 0;
  static constexpr const char* kFile = "items.csv";
};

TEST_P(Snapshots, ACopyIsReadBackAsTheTableWas) {
  load_items();
  const state::Snapshot snapshot = take();
  ASSERT_EQ(snapshot.tables.size(), 1U);
  EXPECT_EQ(snapshot.tables[0].rows, holds_files() ? 1U : 3U);
  EXPECT_EQ(snapshot.tables[0].key, holds_files() ? Lines{} : Lines{"id"});
  EXPECT_EQ(snapshot.tables[0].ledger_us, last_commit());
  const auto folder = state::snapshot_folder(state_, snapshot.id);
  state::verify_table(folder, snapshot.tables[0]);
  const auto kept = run::snapshot_connector(folder, snapshot, state::Side::kTarget)
                        ->open({}, {}, OpenMode::kRead);
  if (holds_files()) {
    connect::ReadRequest stored;
    stored.file = plan::stored_file(kFile);
    connect::ReadRequest copied;
    copied.table = "items";
    copied.columns = connect::piece_columns();
    EXPECT_EQ(bytes_in(*kept, copied), bytes_in(*connection_, stored));
  } else {
    EXPECT_EQ(rows_of(*kept, "items", item_schema(), {}), items_in(*connection_, "items"));
  }
}

TEST_P(Snapshots, EqualTablesHaveEqualCopies) {
  load_items();
  const std::string first = take().tables[0].digest;
  EXPECT_EQ(take().tables[0].digest, first);
  world_->rename_row("items", 2, "B");
  EXPECT_NE(take().tables[0].digest, first);
}

TEST_P(Snapshots, ARowThatCannotBeKeptExactlyIsRefused) {
  if (holds_files()) GTEST_SKIP() << "any bytes can be kept";
  if (!world_->can_spoil()) GTEST_SKIP() << "columns hold what their type says";
  load_items();
  world_->spoil_row("items", 2);
  try {
    take();
    FAIL() << "a spoiled row was kept";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E521");
  }
  EXPECT_TRUE(state::snapshot_ids(state_).empty());
}

TEST_P(Snapshots, ATableThatIsNotThereIsNoted) {
  const state::Snapshot snapshot = take();
  ASSERT_EQ(snapshot.tables.size(), 1U);
  EXPECT_TRUE(snapshot.tables[0].missing);
}

TEST_P(Snapshots, WhatRunsLeftIsTheEnginesOwn) {
  if (holds_files()) GTEST_SKIP() << "a file has no rows of its own";
  load_items();
  EXPECT_EQ(own({"1", "2", "9"}, -1), (std::vector<bool>{true, true, false}));
  EXPECT_EQ(own({"1", "2"}, last_commit()), (std::vector<bool>{false, false}));
  const std::int64_t since = last_commit();
  connection_ = world_->open(OpenMode::kPublish);
  auto again = items_write();
  again.create.reset();
  publish(*connection_, "second", again, {item(Op::kUpdate, 2, "B"), item(Op::kInsert, 4, "d")});
  EXPECT_EQ(own({"1", "2", "4"}, since), (std::vector<bool>{false, true, true}));
}

TEST_P(Snapshots, WhatOthersChangedIsNot) {
  if (holds_files()) GTEST_SKIP() << "a file has no rows of its own";
  load_items();
  world_->rename_row("items", 1, "theirs");
  world_->insert_row("items", 7, "theirs");
  EXPECT_EQ(own({"1", "2", "7"}, -1), (std::vector<bool>{false, true, false}));
}

TEST_P(Snapshots, WhatARollbackBroughtBackIsTheEnginesOwn) {
  if (holds_files()) GTEST_SKIP() << "a file has no rows of its own";
  load_items();
  connection_ = world_->open(OpenMode::kPublish);
  auto again = items_write();
  again.create.reset();
  publish(*connection_, "second", again, {item(Op::kUpdate, 2, "B")});
  undo(*connection_, "second", {"items"});
  EXPECT_EQ(own({"2"}, -1), std::vector<bool>{true});
}

TEST_P(Snapshots, TheLedgerSaysHowLongUndoIsKept) {
  if (holds_files()) GTEST_SKIP() << "written as files";
  load_items();
  const auto rows = connection_->ledger()->receipts("first");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_GT(rows[0].undo_bytes, 0U);
  EXPECT_TRUE(rows[0].undo_expires_us.has_value());
}

INSTANTIATE_TEST_SUITE_P(AllConnectors, Snapshots, testing::ValuesIn(all_worlds()),
                         [](const auto& maker) { return maker.param.name; });

}  // namespace
}  // namespace engine::conformance
