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
#include "connectors/sqlite/row_remover.h"
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
  out.undo_bytes = entry.row.undo_bytes;
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
      : shared_(std::move(shared)), database_(*shared_->main) {}
  ~SqlitePublisher() override { end(); }

  Begun begin(const connect::PublishUnit& unit) override;
  void apply(const connect::TableWrite& table, connect::Changes& changes) override;
  void remove(const connect::TableWrite& table, connect::Changes& changes) override;
  std::unique_ptr<connect::Source> read(const connect::ReadRequest& request) override;
  connect::Receipt commit() override;
  void abort() override { end(); }

 private:
  Begun look_at_target();
  bool already_done();
  bool moved() const;
  bool table_moved(const connect::TableWrite& table);
  struct Written;
  Written& written(const connect::TableWrite& table);
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
  std::vector<std::unique_ptr<Written>> written_;  ///< as the unit's tables
  std::optional<connect::Receipt> done_;           ///< what an earlier attempt published
  bool open_ = false;
};

/// What was done to one table of the unit so far.
struct SqlitePublisher::Written {
  TableShape shape;
  TableJournal journal;
  std::string created_sql;
};

connect::Publisher::Begun SqlitePublisher::begin(const connect::PublishUnit& unit) {
  if (open_) base::bug("a unit was begun inside another");
  const auto guard = database_.lock();
  unit_ = unit;
  written_.clear();
  written_.resize(unit.tables.size());
  done_.reset();
  learn_schema(database_);
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
      [](const auto& table) { return !table.was_empty && !table.create && table.compared; });
  if (!compared) return false;
  const auto guard = shared_->watch->lock();
  return shared_->seen_version != shared_->watch->data_version();
}

bool SqlitePublisher::table_moved(const connect::TableWrite& table) {
  const bool there = has_table(database_, table.table);
  if (there == table.create.has_value()) {
    throw Error(Fault::kLocked, "E510",
                "table " + base::quoted(table.table) + " in sqlite " + database_.label() +
                    (there ? " was created meanwhile" : " is not there any more"),
                "nothing was written; run the same command again");
  }
  return there && table.was_empty && has_rows(database_, table.table);
}

/// Made at the first call for the table, which creates it where it is missing.
SqlitePublisher::Written& SqlitePublisher::written(const connect::TableWrite& table) {
  const auto found = std::find_if(unit_.tables.begin(), unit_.tables.end(),
                                  [&](const auto& one) { return one.step == table.step; });
  if (!open_ || found == unit_.tables.end()) base::bug("a table outside of a unit");
  auto& slot = written_[static_cast<std::size_t>(found - unit_.tables.begin())];
  if (slot) return *slot;
  std::string created;
  if (table.create) created = create_table(table);
  auto shape =
      table.create ? load_new_shape(database_, table.table) : load_shape(database_, table.table);
  if (!shape) base::bug("a table of the unit vanished inside the transaction");
  TableJournal journal(database_, unit_, *found, *shape);
  slot =
      std::make_unique<Written>(Written{std::move(*shape), std::move(journal), std::move(created)});
  return *slot;
}

void SqlitePublisher::apply(const connect::TableWrite& table, connect::Changes& changes) {
  std::optional<TableWriter> writer;
  {
    const auto guard = database_.lock();
    Written& to = written(table);
    if (!table.columns.fields.empty()) {
      writer.emplace(database_, table, to.shape, to.journal, *references_);
    }
  }
  // The lock is not held while the next changes are made: they may come from reads on this very
  // handle.
  connect::ChangeBatch batch;
  while (writer && changes.next(batch)) writer->write(batch);
}

void SqlitePublisher::remove(const connect::TableWrite& table, connect::Changes& changes) {
  std::optional<RowRemover> remover;
  {
    const auto guard = database_.lock();
    Written& from = written(table);
    remover.emplace(database_, table, from.shape, from.journal, *references_);
  }
  connect::ChangeBatch batch;
  while (changes.next(batch)) remover->remove(batch);
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
    for (const auto& table : written_) {
      if (table) done_->tables.push_back(table->journal.receipt());
    }
    done_->committed_us = now_us;
  }
  end();
  return *done_;
}

void SqlitePublisher::write_ledger(std::int64_t now_us) {
  for (const auto& table : written_) {
    if (!table) continue;
    const auto& receipt = table->journal.receipt();
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
                 .committed_us = now_us,
                 .undo_bytes = receipt.undo_bytes,
                 .undo_expires_us = unit_.undo_expires_us};
    entry.created_sql = table->created_sql;
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
