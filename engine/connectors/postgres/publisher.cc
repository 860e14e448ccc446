#include "connectors/postgres/publisher.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "connectors/postgres/ddl.h"
#include "connectors/postgres/engine_tables.h"
#include "connectors/postgres/source.h"
#include "connectors/postgres/table_writer.h"

namespace engine::connectors::postgres {
namespace {

using base::Error;
using base::Fault;

constexpr const char* kBegin =
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = '10s'";

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

/// Which versions of rows a table has, as the session sees it: every change makes another one.
std::string versions(Session& session, const TableShape& shape) {
  const Rows row = session.query(
      "SELECT count(*)::text || ' ' || coalesce(sum(pg_catalog.hashtextextended(t.tableoid::text ||"
      " t.ctid::text || t.xmin::text, 0)), 0)::text FROM " +
      shape.sql_name + " AS t");
  return std::string(row.text(0, 0));
}

/// What was done to one table of the unit so far.
struct Written {
  TableShape shape;
  TableJournal journal;
  std::string created_sql;
};

class PostgresPublisher final : public connect::Publisher {
 public:
  explicit PostgresPublisher(SharedPtr shared) : shared_(std::move(shared)) {}
  ~PostgresPublisher() override { end(); }

  Begun begin(const connect::PublishUnit& unit) override;
  void apply(const connect::TableWrite& table, connect::Changes& changes) override;
  void remove(const connect::TableWrite& table, connect::Changes& changes) override;
  std::unique_ptr<connect::Source> read(const connect::ReadRequest& request) override;
  connect::Receipt commit() override;
  void abort() override { end(); }

 private:
  Begun look_at_target();
  bool already_done();
  void lock_tables();
  bool table_moved(const connect::TableWrite& table);
  bool compared_moved(const TableShape& shape);
  Written& written(const connect::TableWrite& table);
  void write_ledger(std::int64_t now_us);
  void commit_transaction();
  std::optional<connect::Receipt> receipt_in_ledger(Session& session) const;
  void end() noexcept;

  SharedPtr shared_;
  SessionPtr session_;
  connect::PublishUnit unit_;
  std::vector<std::unique_ptr<Written>> written_;  ///< as the unit's tables
  std::optional<connect::Receipt> done_;           ///< what an earlier attempt published
  bool open_ = false;
};

connect::Publisher::Begun PostgresPublisher::begin(const connect::PublishUnit& unit) {
  if (open_) base::bug("a unit was begun inside another");
  unit_ = unit;
  written_.clear();
  written_.resize(unit.tables.size());
  done_.reset();
  session_ = std::make_shared<Session>(shared_->settings,
                                       fmt::format("engine/{}/{}", unit.run.run_id, unit.epoch));
  session_->run(kBegin);
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
connect::Publisher::Begun PostgresPublisher::look_at_target() {
  if (!has_engine_tables(*session_) || !take_fence(*session_, unit_.run.run_id, unit_.epoch)) {
    throw Error(Fault::kLocked, "E501",
                fmt::format("{}: the lock of run {} (epoch {}) was taken over by another run",
                            session_->self(), unit_.run.run_id, unit_.epoch),
                "nothing was written; look at `engine runs`, then run the same command again");
  }
  if (already_done()) {
    end();
    return Begun::kAlreadyDone;
  }
  lock_tables();
  bool moved = false;
  for (const auto& table : unit_.tables) moved = table_moved(table) || moved;
  session_->run("SET CONSTRAINTS ALL DEFERRED");
  return moved ? Begun::kMoved : Begun::kReady;
}

bool PostgresPublisher::already_done() {
  done_ = receipt_in_ledger(*session_);
  if (!done_) return false;
  if (done_->tables.size() == unit_.tables.size()) return true;
  throw Error(Fault::kState, "E503",
              fmt::format("the ledger of {} has only {} of the {} tables of this unit",
                          session_->self(), done_->tables.size(), unit_.tables.size()),
              "the plan changed between the attempts; roll the run back and start a new one");
}

std::optional<connect::Receipt> PostgresPublisher::receipt_in_ledger(Session& session) const {
  connect::Receipt out;
  out.already_done = true;
  const auto entries = read_ledger(session, unit_.run.run_id);
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

/// Others go on reading the tables and write them no more until the end; in order of name, so that
/// two units never wait for each other.
void PostgresPublisher::lock_tables() {
  std::vector<std::string> names;
  for (const auto& table : unit_.tables) {
    if (!table.create) names.push_back(require_columns(*session_, table.table).sql_name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (!names.empty()) {
    session_->run("LOCK TABLE " + base::join(names, ", ") + " IN SHARE ROW EXCLUSIVE MODE");
  }
}

bool PostgresPublisher::table_moved(const connect::TableWrite& table) {
  const auto shape = load_shape(*session_, table.table);
  if (shape.has_value() == table.create.has_value()) {
    throw Error(Fault::kLocked, "E510",
                "table " + base::quoted(table.table) + " in " + session_->self() +
                    (shape ? " was created meanwhile" : " is not there any more"),
                "nothing was written; run the same command again");
  }
  if (!shape) return false;
  if (table.was_empty) return !shape->info.empty;
  return table.compared && compared_moved(*shape);
}

/// True when somebody changed the table since the comparison, or nobody compared.
bool PostgresPublisher::compared_moved(const TableShape& shape) {
  if (!shared_->snapshot->begun()) return true;
  return versions(shared_->snapshot->main(), shape) != versions(*session_, shape);
}

/// Made at the first call for the table, which creates it where it is missing.
Written& PostgresPublisher::written(const connect::TableWrite& table) {
  const auto found = std::find_if(unit_.tables.begin(), unit_.tables.end(),
                                  [&](const auto& one) { return one.step == table.step; });
  if (!open_ || found == unit_.tables.end()) base::bug("a table outside of a unit");
  auto& slot = written_[static_cast<std::size_t>(found - unit_.tables.begin())];
  if (slot) return *slot;
  if (table.key.empty()) {
    throw Error(
        Fault::kPlan, "E119",
        session_->self() + ": this version writes no table without a key (" + table.table + ")",
        "give the table a key");
  }
  if (table.create) {
    for (const auto& sql : create_statements(*session_, table.table, *table.create)) {
      session_->run(sql);
    }
  }
  auto shape = load_shape(*session_, table.table);
  if (!shape) base::bug("a table of the unit vanished inside the transaction");
  const std::string created = table.create ? definition_text(*session_, shape->oid) : std::string();
  TableJournal journal(*session_, unit_, *found, *shape);
  slot = std::make_unique<Written>(Written{std::move(*shape), std::move(journal), created});
  return *slot;
}

void PostgresPublisher::apply(const connect::TableWrite& table, connect::Changes& changes) {
  Written& to = written(table);
  if (table.columns.fields.empty()) return;
  TableWriter writer(*session_, table, to.shape, to.journal, table.columns);
  connect::ChangeBatch batch;
  while (changes.next(batch)) writer.write(batch);
  writer.finish();
}

void PostgresPublisher::remove(const connect::TableWrite& table, connect::Changes& changes) {
  Written& from = written(table);
  std::optional<TableWriter> writer;
  connect::ChangeBatch batch;
  while (changes.next(batch)) {
    if (!writer) {
      writer.emplace(*session_, table, from.shape, from.journal, *batch.rows.schema);
    }
    writer->write(batch);
  }
  if (writer) writer->finish();
}

std::unique_ptr<connect::Source> PostgresPublisher::read(const connect::ReadRequest& request) {
  if (!open_) base::bug("a read outside of a unit");
  return open_cursor_source(session_, request);
}

connect::Receipt PostgresPublisher::commit() {
  if (done_) return *done_;
  if (!open_) base::bug("commit outside of a unit");
  std::int64_t now_us = 0;
  try {
    session_->run("SET CONSTRAINTS ALL IMMEDIATE");
    now_us = server_now_us(*session_);
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
  shared_->snapshot->end();  // what was compared before is not what stands there now
  return *done_;
}

void PostgresPublisher::write_ledger(std::int64_t now_us) {
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
    insert_ledger(*session_, entry);
  }
}

/// Where the answer to the commit was lost, another session waits until ours is over - a new
/// transaction of the same lock row - and asks the ledger.
void PostgresPublisher::commit_transaction() {
  try {
    session_->run("COMMIT");
  } catch (const Error& failure) {
    if (failure.code() != "E209") throw;
    try {
      Session other(shared_->settings, "engine");
      other.run("BEGIN");
      read_lock(other, true);
      done_ = receipt_in_ledger(other);
    } catch (const Error& unreadable) {
      throw Error(Fault::kUnknownOutcome, "E508",
                  "it is not known whether the commit to " + session_->self() +
                      " took place: " + failure.message() +
                      "; and the ledger cannot be read: " + unreadable.message(),
                  "when the server can be reached again, resume the run: it asks the ledger");
    }
    if (!done_) throw;
  }
}

void PostgresPublisher::end() noexcept {
  if (!open_) return;
  session_->rollback();
  open_ = false;
  shared_->publishing = false;
}

}  // namespace

std::unique_ptr<connect::Publisher> make_publisher(SharedPtr shared) {
  return std::make_unique<PostgresPublisher>(std::move(shared));
}

}  // namespace engine::connectors::postgres
