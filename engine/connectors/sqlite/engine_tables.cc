#include "connectors/sqlite/engine_tables.h"

#include <charconv>
#include <map>
#include <utility>

#include "base/error.h"
#include "connectors/sqlite/stored.h"

namespace engine::connectors::sqlite {
namespace {

constexpr std::int64_t kFormatVersion = 1;

constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS _engine_meta (
  name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _engine_lock (
  scope TEXT PRIMARY KEY, epoch INTEGER NOT NULL, run_id TEXT NOT NULL, owner TEXT NOT NULL,
  lock_id TEXT NOT NULL, lease_until_us INTEGER NOT NULL, since_us INTEGER NOT NULL,
  state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _engine_ledger (
  seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, step TEXT NOT NULL, chunk INTEGER NOT NULL,
  epoch INTEGER NOT NULL, plan_sha256 TEXT NOT NULL, table_name TEXT NOT NULL,
  inserted INTEGER NOT NULL, updated INTEGER NOT NULL, deleted INTEGER NOT NULL,
  created INTEGER NOT NULL, created_sql TEXT NOT NULL, after_digest TEXT NOT NULL,
  undo_bytes INTEGER NOT NULL, watermark TEXT NOT NULL, committed_us INTEGER NOT NULL,
  UNIQUE (run_id, step, chunk));
CREATE TABLE IF NOT EXISTS _engine_undo (
  seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, step TEXT NOT NULL, chunk INTEGER NOT NULL,
  table_name TEXT NOT NULL, expires_us INTEGER NOT NULL, key_columns BLOB NOT NULL,
  row_columns BLOB NOT NULL, block BLOB NOT NULL,
  UNIQUE (run_id, step, chunk));
INSERT INTO _engine_meta VALUES ('format_version', 1);
)";

void require_version(Database& database) {
  const std::int64_t version =
      database.integer("SELECT value FROM _engine_meta WHERE name = 'format_version'");
  if (version == kFormatVersion) return;
  throw base::Error(base::Fault::kState, "E504",
                    "sqlite " + database.label() + ": the engine's tables have format version " +
                        std::to_string(version) + ", this engine knows version " +
                        std::to_string(kFormatVersion),
                    "use the engine version that wrote them");
}

connect::LedgerRow ledger_row(const Statement& rows) {
  connect::LedgerRow row;
  row.run_id = rows.text(0);
  row.step = rows.text(1);
  row.chunk = rows.integer(2);
  row.epoch = static_cast<std::uint64_t>(rows.integer(3));
  row.plan_sha256 = rows.text(4);
  row.table = rows.text(5);
  row.inserted = rows.integer(6);
  row.updated = rows.integer(7);
  row.deleted = rows.integer(8);
  row.created = rows.integer(9) != 0;
  row.after_digest = rows.text(11);
  row.watermark = rows.text(13);
  row.committed_us = rows.integer(14);
  return row;
}

std::uint64_t hex_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

}  // namespace

bool has_engine_tables(Database& database) {
  if (database.integer("SELECT count(*) FROM sqlite_master WHERE name = '_engine_meta'") == 0) {
    return false;
  }
  require_version(database);
  return true;
}

void create_engine_tables(Database& database) {
  if (!has_engine_tables(database)) database.run(kTables);
}

std::optional<connect::LockRow> read_lock(Database& database) {
  auto rows = database.prepare(
      "SELECT epoch, run_id, owner, lock_id, lease_until_us, since_us, state FROM _engine_lock"
      " WHERE scope = 'database'");
  if (!rows.step()) return std::nullopt;
  connect::LockRow lock;
  lock.scope = kScope;
  lock.epoch = static_cast<std::uint64_t>(rows.integer(0));
  lock.run_id = rows.text(1);
  lock.owner = rows.text(2);
  lock.lock_id = rows.text(3);
  lock.lease_until_us = rows.integer(4);
  lock.since_us = rows.integer(5);
  lock.state = rows.text(6);
  return lock;
}

bool take_fence(Database& database, const std::string& run_id, std::uint64_t epoch) {
  auto fence = database.prepare(
      "UPDATE _engine_lock SET epoch = epoch WHERE scope = 'database' AND epoch = ?1 AND"
      " run_id = ?2 AND state <> 'free'");
  fence.bind(1, static_cast<std::int64_t>(epoch)).bind_text(2, run_id);
  fence.run();
  return database.changes() == 1;
}

void insert_ledger(Database& database, const LedgerEntry& entry) {
  auto insert = database.prepare(
      "INSERT INTO _engine_ledger (run_id, step, chunk, epoch, plan_sha256, table_name, inserted,"
      " updated, deleted, created, created_sql, after_digest, undo_bytes, watermark, committed_us)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)");
  const auto& row = entry.row;
  insert.bind_text(1, row.run_id).bind_text(2, row.step).bind(3, row.chunk);
  insert.bind(4, static_cast<std::int64_t>(row.epoch)).bind_text(5, row.plan_sha256);
  insert.bind_text(6, row.table).bind(7, row.inserted).bind(8, row.updated).bind(9, row.deleted);
  insert.bind(10, row.created ? 1 : 0).bind_text(11, entry.created_sql);
  insert.bind_text(12, row.after_digest).bind(13, static_cast<std::int64_t>(row.undo_bytes));
  insert.bind_text(14, row.watermark).bind(15, row.committed_us);
  insert.run();
}

namespace {

using UndoExpiry = std::map<std::pair<std::string, std::string>, std::int64_t>;

/// When the undo of each step goes, by run and step.
UndoExpiry read_expiry(Database& database, const std::string& run_id) {
  UndoExpiry out;
  auto rows =
      database.prepare(std::string("SELECT run_id, step, min(expires_us) FROM _engine_undo") +
                       (run_id.empty() ? "" : " WHERE run_id = ?1") + " GROUP BY run_id, step");
  if (!run_id.empty()) rows.bind_text(1, run_id);
  while (rows.step()) {
    out[{std::string(rows.text(0)), std::string(rows.text(1))}] = rows.integer(2);
  }
  return out;
}

}  // namespace

std::vector<LedgerEntry> read_ledger(Database& database, const std::string& run_id) {
  std::vector<LedgerEntry> out;
  if (!has_engine_tables(database)) return out;
  const UndoExpiry expiry = read_expiry(database, run_id);
  auto rows = database.prepare(
      "SELECT run_id, step, chunk, epoch, plan_sha256, table_name, inserted, updated, deleted,"
      " created, created_sql, after_digest, undo_bytes, watermark, committed_us FROM _engine_ledger"
      " WHERE ?1 = '' OR run_id = ?1 ORDER BY committed_us, seq");
  rows.bind_text(1, run_id);
  while (rows.step()) {
    LedgerEntry entry{.row = ledger_row(rows), .created_sql = std::string(rows.text(10))};
    entry.row.undo_bytes = static_cast<std::uint64_t>(rows.integer(12));
    const auto expires = expiry.find({entry.row.run_id, entry.row.step});
    if (expires != expiry.end()) entry.row.undo_expires_us = expires->second;
    out.push_back(std::move(entry));
  }
  return out;
}

void insert_undo(Database& database, const UndoEntry& entry) {
  auto insert = database.prepare(
      "INSERT INTO _engine_undo (run_id, step, chunk, table_name, expires_us, key_columns,"
      " row_columns, block) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  const std::string keys = wire_of_names(entry.key_columns);
  const std::string columns = wire_of_names(entry.row_columns);
  insert.bind_text(1, entry.run_id).bind_text(2, entry.step).bind(3, entry.chunk);
  insert.bind_text(4, entry.table).bind(5, entry.expires_us);
  insert.bind_blob(6, keys).bind_blob(7, columns).bind_blob(8, entry.block);
  insert.run();
}

base::TableDigest parse_digest(std::string_view text) {
  base::TableDigest out;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.size() != colon + 33) return out;
  std::from_chars(text.data(), text.data() + colon, out.rows);
  out.sum.high = hex_number(text.substr(colon + 1, 16));
  out.sum.low = hex_number(text.substr(colon + 17, 16));
  return out;
}

}  // namespace engine::connectors::sqlite
