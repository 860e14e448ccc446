#include "connectors/sqlite/publisher.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/ddl.h"
#include "connectors/sqlite/engine_tables.h"
#include "connectors/sqlite/references.h"
#include "connectors/sqlite/source.h"
#include "connectors/sqlite/table_writer.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;

connect::TableReceipt receipt_of(const LedgerEntry& entry) {
  connect::TableReceipt out;
  out.step = entry.row.step;
  out.table = entry.row.table;
  out.inserted = entry.row.inserted;
  out.updated = entry.row.updated;
  out.deleted = entry.row.deleted;
  out.created = entry.row.created;
  out.undo_bytes = entry.undo_bytes;
  out.after = parse_digest(entry.row.after_digest);
  return out;
}

std::vector<std::string> tables_of(const connect::PublishUnit& unit) {
  std::vector<std::string> out;
  for (const auto& table : unit.tables) out.push_back(table.table);
  return out;
}

class SqlitePublisher final : public connect::Publisher {
 public:
  explicit SqlitePublisher(SharedPtr shared)
      : shared_(std::move(shared)), database_(*shared_->main) {
    const auto guard = database_.lock();
    database_.run("PRAGMA synchronous=FULL");
  }
  ~SqlitePublisher() override { end(); }

  Begun begin(const connect::PublishUnit& unit) override;
  void apply(const connect::TableWrite& table, connect::Changes& changes) override;
  std::unique_ptr<connect::Source> read(const connect::ReadRequest& request) override;
  connect::Receipt commit() override;
  void abort() override { end(); }

 private:
  Begun look_at_target();
  bool already_done();
  bool moved() const;
  bool table_moved(const connect::TableWrite& table);
  std::string create_table(const connect::TableWrite& table);
  void write_ledger(std::int64_t now_us);
  void commit_transaction();
  std::optional<connect::Receipt> receipt_in_ledger(Database& database) const;
  void resolve_failed_commit(const Error& failure);
  void end() noexcept;

  SharedPtr shared_;
  Database& database_;
  connect::PublishUnit unit_;
  std::optional<ReferenceGuard> references_;
  std::vector<connect::TableReceipt> receipts_;
  std::vector<std::string> created_sql_;  ///< by receipt
  std::optional<connect::Receipt> done_;  ///< what an earlier attempt published
  bool open_ = false;
};

connect::Publisher::Begun SqlitePublisher::begin(const connect::PublishUnit& unit) {
  if (open_) base::bug("a unit was begun inside another");
  const auto guard = database_.lock();
  unit_ = unit;
  receipts_.clear();
  created_sql_.clear();
  done_.reset();
  database_.run("BEGIN IMMEDIATE");
  open_ = true;
  shared_->publishing = true;
  try {
    return look_at_target();
  } catch (...) {
    end();
    throw;
  }
}

/// Fence first: whoever lost the lock learns nothing and changes nothing.
connect::Publisher::Begun SqlitePublisher::look_at_target() {
  if (!has_engine_tables(database_) || !take_fence(database_, unit_.run.run_id, unit_.epoch)) {
    throw Error(Fault::kLocked, "E501",
                "sqlite " + database_.label() + ": the lock of run " + unit_.run.run_id +
                    " (epoch " + std::to_string(unit_.epoch) + ") was taken over by another run",
                "nothing was written; look at `engine runs`, then run the same command again");
  }
  if (already_done()) {
    end();
    return Begun::kAlreadyDone;
  }
  references_.emplace(database_, tables_of(unit_));
  bool has_moved = moved();
  for (const auto& table : unit_.tables) has_moved = table_moved(table) || has_moved;
  return has_moved ? Begun::kMoved : Begun::kReady;
}

bool SqlitePublisher::already_done() {
  done_ = receipt_in_ledger(database_);
  if (!done_) return false;
  if (done_->tables.size() == unit_.tables.size()) return true;
  throw Error(Fault::kState, "E503",
              "the ledger of sqlite " + database_.label() + " has only " +
                  std::to_string(done_->tables.size()) + " of the " +
                  std::to_string(unit_.tables.size()) + " tables of this unit",
              "the plan changed between the attempts; roll the run back and start a new one");
}

std::optional<connect::Receipt> SqlitePublisher::receipt_in_ledger(Database& database) const {
  connect::Receipt out;
  out.already_done = true;
  const auto entries = read_ledger(database, unit_.run.run_id);
  for (const auto& table : unit_.tables) {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
      return entry.row.step == table.step;
    });
    if (found == entries.end()) continue;
    out.tables.push_back(receipt_of(*found));
    out.committed_us = found->row.committed_us;
  }
  if (out.tables.empty()) return std::nullopt;
  return out;
}

/// True when somebody committed since the first comparing read, or nobody compared. Tables that
/// were empty are judged by looking at them instead.
bool SqlitePublisher::moved() const {
  const bool compared = std::any_of(
      unit_.tables.begin(), unit_.tables.end(),
      [](const auto& table) { return !table.was_empty && !table.create && !table.key.empty(); });
  if (!compared) return false;
  const auto guard = shared_->watch->lock();
  return shared_->seen_version != shared_->watch->data_version();
}

bool SqlitePublisher::table_moved(const connect::TableWrite& table) {
  const auto shape = load_shape(database_, table.table);
  if (shape.has_value() == table.create.has_value()) {
    throw Error(Fault::kLocked, "E510",
                "table " + base::quoted(table.table) + " in sqlite " + database_.label() +
                    (shape ? " was created meanwhile" : " is not there any more"),
                "nothing was written; run the same command again");
  }
  return shape && table.was_empty && !shape->info.empty;
}

void SqlitePublisher::apply(const connect::TableWrite& table, connect::Changes& changes) {
  if (!open_) base::bug("apply outside of a unit");
  std::optional<TableShape> shape;
  std::optional<TableWriter> writer;
  std::string created;
  {
    const auto guard = database_.lock();
    if (table.create) created = create_table(table);
    shape = load_shape(database_, table.table);
    if (!shape) base::bug("a table of the unit vanished inside the transaction");
    if (table.key.empty() && !table.columns.fields.empty()) {
      throw Error(Fault::kPlan, "E119",
                  "table " + base::quoted(table.table) +
                      ": writing rows without a key is not available in this version",
                  "give the table a key");
    }
    if (!table.key.empty()) writer.emplace(database_, unit_, table, *shape, *references_);
  }
  // The lock is not held while the next changes are made: they may come from reads on this very
  // handle.
  connect::ChangeBatch batch;
  while (writer && changes.next(batch)) writer->write(batch);
  connect::TableReceipt receipt;
  receipt.step = table.step;
  receipt.table = shape->info.name;
  if (writer) receipt = writer->finish();
  receipt.created = table.create.has_value();
  receipts_.push_back(std::move(receipt));
  created_sql_.push_back(std::move(created));
}

std::string SqlitePublisher::create_table(const connect::TableWrite& table) {
  for (const auto& sql : create_statements(table.table, *table.create)) database_.run(sql);
  return definition_text(database_, table.table);
}

std::unique_ptr<connect::Source> SqlitePublisher::read(const connect::ReadRequest& request) {
  if (!open_) base::bug("a read outside of a unit");
  return open_source(shared_->main, request, {});
}

connect::Receipt SqlitePublisher::commit() {
  if (done_) return *done_;
  if (!open_) base::bug("commit outside of a unit");
  const auto guard = database_.lock();
  const std::int64_t now_us = base::system_clock().now_us();
  try {
    references_->check();
    write_ledger(now_us);
    commit_transaction();
  } catch (...) {
    end();
    throw;
  }
  if (!done_) {
    done_.emplace();
    done_->tables = receipts_;
    done_->committed_us = now_us;
  }
  end();
  return *done_;
}

void SqlitePublisher::write_ledger(std::int64_t now_us) {
  for (std::size_t i = 0; i < receipts_.size(); ++i) {
    const auto& receipt = receipts_[i];
    LedgerEntry entry;
    entry.row = {.run_id = unit_.run.run_id,
                 .step = receipt.step,
                 .chunk = 0,
                 .epoch = unit_.epoch,
                 .plan_sha256 = unit_.run.plan_sha256,
                 .table = receipt.table,
                 .inserted = receipt.inserted,
                 .updated = receipt.updated,
                 .deleted = receipt.deleted,
                 .created = receipt.created,
                 .after_digest = receipt.after.text(),
                 .watermark = {},
                 .committed_us = now_us};
    entry.undo_bytes = receipt.undo_bytes;
    entry.created_sql = created_sql_[i];
    insert_ledger(database_, entry);
  }
}

/// Our own commit moves the version that `watch` sees. It is taken over only when it is certain
/// that nobody else's commit hides behind it; else the next unit is told that the target moved, and
/// compares again.
void SqlitePublisher::commit_transaction() {
  references_.reset();
  const std::int64_t before = database_.data_version();
  try {
    database_.run("COMMIT");
  } catch (const Error& failure) {
    resolve_failed_commit(failure);
    return;
  }
  if (!shared_->seen_version) return;
  const auto guard = shared_->watch->lock();
  const std::int64_t version = shared_->watch->data_version();
  if (database_.data_version() == before) shared_->seen_version = version;
}

/// A refused commit (a reader was in the way) left everything as it was. After any other failure
/// the ledger is asked through the other handle whether the transaction stands.
void SqlitePublisher::resolve_failed_commit(const Error& failure) {
  const bool refused = database_.in_transaction() && failure.code() == "E206";
  database_.rollback();
  if (refused) throw failure;
  try {
    const auto guard = shared_->watch->lock();
    done_ = receipt_in_ledger(*shared_->watch);
  } catch (const Error& unreadable) {
    throw Error(Fault::kUnknownOutcome, "E508",
                "it is not known whether the commit to sqlite " + database_.label() +
                    " took place: " + failure.message() +
                    "; and the ledger cannot be read: " + unreadable.message(),
                "make the file readable again, then resume the run: it asks the ledger");
  }
  if (!done_) throw failure;
}

void SqlitePublisher::end() noexcept {
  if (!open_) return;
  const auto guard = database_.lock();
  references_.reset();
  database_.rollback();
  open_ = false;
  shared_->publishing = false;
}

}  // namespace

std::unique_ptr<connect::Publisher> make_publisher(SharedPtr shared) {
  return std::make_unique<SqlitePublisher>(std::move(shared));
}

}  // namespace engine::connectors::sqlite
