#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/random.h"
#include "conformance/support/rows.h"
#include "connectors/files/connection.h"
#include "connectors/files/files.h"
#include "connectors/files/store_text.h"

/// Files are replaced as one unit, whatever happens in between, and given back.
namespace engine::connectors::files {
namespace {

namespace fs = std::filesystem;
using conformance::Change;
using connect::Conflicts;
using connect::Op;
using connect::OpenMode;
using data::Kind;
using data::Type;
using data::Value;

constexpr std::int64_t kLeaseUs = 60'000'000;

data::Schema rows_schema() {
  return {{{"id", Type::of(Kind::kInt64), false}, {"name", Type::of(Kind::kText), true}}};
}

Change row(std::int64_t id, const std::string& name) {
  return {Op::kInsert, {Value::of_int64(id), Value::of_text(name)}};
}

class FilesPublish : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_); }
  void TearDown() override { fs::remove_all(folder_); }

  std::unique_ptr<connect::Connection> open(OpenMode mode = OpenMode::kPublish) const {
    plan::Connection connection;
    connection.name.text = "out";
    connection.options.kind = plan::OptionKind::kObject;
    connection.options.fields["root"].text.text = "root";
    return files_connector()->open(connection, folder_.string(), mode);
  }

  static connect::TableWrite write(const std::string& path) {
    connect::TableWrite out = conformance::write_to(path, rows_schema(), {"id"});
    out.file.emplace();
    out.file->path.text = path;
    out.create.emplace();
    return out;
  }

  /// Publishes several files as one unit.
  static connect::Receipt publish(connect::Connection& connection, const std::string& run_id,
                                  const std::vector<connect::TableWrite>& tables,
                                  const std::vector<Change>& rows) {
    const auto run = conformance::run_named(run_id);
    const auto ledger = connection.ledger();
    const auto lock = ledger->acquire(run, kLeaseUs);
    connect::PublishUnit unit = conformance::unit_of(run, lock, tables.front());
    unit.tables = tables;
    const auto publisher = connection.publisher();
    if (publisher->begin(unit) != connect::Publisher::Begun::kAlreadyDone) {
      for (const auto& table : tables) {
        conformance::ListedChanges changes(rows_schema(), rows);
        publisher->apply(table, changes);
      }
    }
    const auto receipt = publisher->commit();
    ledger->release(lock);
    return receipt;
  }

  std::string text(const std::string& path) const {
    return fs::exists(root_ / path) ? base::read_file(root_ / path) : "none";
  }
  void edit(const std::string& path, const std::string& text) const {
    std::ofstream(root_ / path) << text;
  }
  std::vector<std::string> hidden() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with('.') && name != kEngineFolder) names.push_back(name);
    }
    return names;
  }

  fs::path folder_ = fs::temp_directory_path() / ("engine-files-" + base::random_hex(8));
  fs::path root_ = folder_ / "root";
};

TEST_F(FilesPublish, AFileIsReplacedAndGivenBack) {
  const auto connection = open();
  const auto first = publish(*connection, "r1", {write("a.csv")}, {row(1, "a")});
  EXPECT_TRUE(first.tables[0].created);
  EXPECT_EQ(text("a.csv"), "id,name\n1,a\n");
  const auto second = publish(*connection, "r2", {write("a.csv")}, {row(1, "b"), row(2, "")});
  EXPECT_FALSE(second.tables[0].created);
  EXPECT_EQ(second.tables[0].inserted, 2);
  EXPECT_EQ(text("a.csv"), "id,name\n1,b\n2,\"\"\n");
  EXPECT_TRUE(publish(*connection, "r2", {write("a.csv")}, {}).already_done);

  const auto dry = conformance::undo(*connection, "r2", {"a.csv"}, Conflicts::kSkip, true);
  EXPECT_EQ(dry.tables[0].removed, 2);
  EXPECT_EQ(text("a.csv"), "id,name\n1,b\n2,\"\"\n");
  const auto undone = conformance::undo(*connection, "r2", {"a.csv"});
  EXPECT_EQ(undone.tables[0].removed, 2);
  EXPECT_EQ(undone.tables[0].reinserted, 1);
  EXPECT_TRUE(undone.tables[0].verified);
  EXPECT_EQ(text("a.csv"), "id,name\n1,a\n");
  EXPECT_TRUE(conformance::undo(*connection, "r2", {"a.csv"}).tables[0].already);
  EXPECT_TRUE(conformance::undo(*connection, "r1", {"a.csv"}).tables[0].dropped);
  EXPECT_EQ(text("a.csv"), "none");
  EXPECT_TRUE(hidden().empty());
}

TEST_F(FilesPublish, AFileOfSomebodyElseIsAConflict) {
  const auto connection = open();
  edit("a.csv", "mine\n");
  publish(*connection, "r1", {write("a.csv"), write("b.csv")}, {row(1, "a")});
  edit("a.csv", "changed\n");
  const auto report = conformance::undo(*connection, "r1", {"a.csv", "b.csv"});
  EXPECT_EQ(report.tables[0].conflicts, std::vector<std::string>{"the file a.csv"});
  EXPECT_EQ(report.tables[1].conflict_count, 0);
  EXPECT_EQ(text("a.csv"), "changed\n");
  EXPECT_EQ(text("b.csv"), "none");
  conformance::undo(*connection, "r1", {"a.csv"}, Conflicts::kForce);
  EXPECT_EQ(text("a.csv"), "mine\n");
}

TEST_F(FilesPublish, TheFormerFilesPermissionsStay) {
  edit("a.csv", "mine\n");
  fs::permissions(root_ / "a.csv", fs::perms::owner_read | fs::perms::owner_write);
  publish(*open(), "r1", {write("a.csv")}, {row(1, "a")});
  EXPECT_EQ(fs::status(root_ / "a.csv").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

// Killed between two renames: the first file is in its place, the second still aside.
TEST_F(FilesPublish, WhatAKilledProcessBeganIsFinished) {
  edit("a.csv", "old a\n");
  edit("b.csv", "old b\n");
  Store store(root_);
  Intent intent;
  for (const char* name : {"a.csv", "b.csv"}) {
    FileEntry entry;
    entry.path = name;
    entry.row.run_id = "killed";
    entry.row.step = entry.row.table = name;
    entry.before = digest_of(root_ / name);
    {
      const Store::Section section(store);
      entry.undo = store.keep(entry, std::numeric_limits<std::int64_t>::max());
    }
    edit(std::string(".") + name + ".engine", std::string("new ") + name + "\n");
    entry.after = digest_of(root_ / (std::string(".") + name + ".engine"));
    intent.moves.push_back({name, (root_ / (std::string(".") + name + ".engine")).string()});
    intent.entries.push_back(entry);
  }
  base::write_file_atomically(store.folder() / "intent.json", intent_text(intent));
  fs::rename(root_ / ".a.csv.engine", root_ / "a.csv");

  // A reader changes nothing, but knows what is going to be.
  EXPECT_EQ(open(OpenMode::kReadTarget)->ledger()->receipts("killed").size(), 2U);
  EXPECT_EQ(text("b.csv"), "old b\n");

  const auto connection = open();
  connection->ledger()->acquire(conformance::run_named("next"), kLeaseUs);
  EXPECT_EQ(text("a.csv"), "new a.csv\n");
  EXPECT_EQ(text("b.csv"), "new b.csv\n");
  EXPECT_EQ(connection->ledger()->receipts("killed").size(), 2U);
  EXPECT_FALSE(fs::exists(store.folder() / "intent.json"));
}

TEST_F(FilesPublish, WhatAKilledProcessLeftAsideIsRemoved) {
  edit(".a.csv.1234.engine", "half\n");
  Store store(root_);
  {
    const Store::Section section(store);
    store.note_staged("killed", root_ / ".a.csv.1234.engine");
  }
  open()->ledger()->acquire(conformance::run_named("next"), kLeaseUs);
  EXPECT_TRUE(hidden().empty());
}

TEST_F(FilesPublish, DamagedStateIsRefused) {
  publish(*open(), "r1", {write("a.csv")}, {row(1, "a")});
  std::ofstream(root_ / kEngineFolder / "target" / "ledger.ndjson") << "{}\n";
  try {
    open()->ledger()->receipts("");
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E503");
  }
}

TEST_F(FilesPublish, AFileThatChangesWhileItIsReadIsRefused) {
  edit("a.csv", "id,name\n1,a\n");
  const auto connection = open(OpenMode::kRead);
  connect::ReadRequest request;
  request.file.emplace();
  request.file->path.text = "a.csv";
  request.columns = rows_schema();
  ASSERT_TRUE(connection->describe_file(*request.file));
  edit("a.csv", "id,name\n1,a\n2,b\n");
  const auto source = connection->read(request, {});
  data::Batch batch;
  try {
    while (source->next(batch)) continue;
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E423");
  }
}

}  // namespace
}  // namespace engine::connectors::files
