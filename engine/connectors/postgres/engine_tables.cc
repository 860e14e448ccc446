#include "connectors/postgres/engine_tables.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::postgres {
namespace {

constexpr std::int64_t kFormatVersion = 1;
constexpr std::uint64_t kCreationLock = 0x656e67696e65;  ///< of all engines: "engine"

constexpr const char* kTables = R"(
CREATE TABLE {0}._engine_meta (name text PRIMARY KEY, value bigint NOT NULL);
CREATE TABLE {0}._engine_lock (
  scope text PRIMARY KEY, epoch bigint NOT NULL, run_id text NOT NULL, owner text NOT NULL,
  lock_id text NOT NULL, lease_until_us bigint NOT NULL, since_us bigint NOT NULL,
  state text NOT NULL);
CREATE TABLE {0}._engine_ledger (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run_id text NOT NULL, step text NOT NULL,
  chunk bigint NOT NULL, epoch bigint NOT NULL, plan_sha256 text NOT NULL,
  table_name text NOT NULL, inserted bigint NOT NULL, updated bigint NOT NULL,
  deleted bigint NOT NULL, created bigint NOT NULL, created_sql text NOT NULL,
  after_digest text NOT NULL, undo_bytes bigint NOT NULL, watermark text NOT NULL,
  committed_us bigint NOT NULL, UNIQUE (run_id, step, chunk));
CREATE TABLE {0}._engine_undo (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run_id text NOT NULL, step text NOT NULL,
  chunk bigint NOT NULL, table_name text NOT NULL, expires_us bigint NOT NULL,
  key_columns bytea NOT NULL, row_columns bytea NOT NULL, block bytea NOT NULL,
  UNIQUE (run_id, step, chunk));
ALTER TABLE {0}._engine_undo ALTER COLUMN block SET STORAGE EXTERNAL;
INSERT INTO {0}._engine_meta VALUES ('format_version', {1});
)";

std::string hex_literal(std::string_view bytes) {
  return "\\x" + base::hex(bytes);
}

std::string unhex(std::string_view text) {
  std::string out;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, value, 16);
    out += static_cast<char>(value);
  }
  return out;
}

/// Names as FORMATS.md's wire form of texts.
std::string wire_of_names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    out += '\3';
    const auto length = static_cast<std::uint32_t>(name.size());
    for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(length >> shift);
    out += name;
  }
  return out;
}

std::vector<std::string> names_of_wire(std::string_view wire) {
  constexpr std::size_t kHeader = 5;
  std::vector<std::string> out;
  while (wire.size() >= kHeader) {
    std::uint32_t length = 0;
    for (int i = 4; i >= 1; --i) {
      length = (length << 8) | static_cast<unsigned char>(wire[static_cast<std::size_t>(i)]);
    }
    out.emplace_back(wire.substr(kHeader, length));
    wire.remove_prefix(std::min(wire.size(), kHeader + length));
  }
  return out;
}

std::uint64_t hex_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

connect::LedgerRow ledger_row(const Rows& rows, int at) {
  connect::LedgerRow row;
  row.run_id = rows.text(at, 0);
  row.step = rows.text(at, 1);
  row.chunk = rows.integer(at, 2);
  row.epoch = static_cast<std::uint64_t>(rows.integer(at, 3));
  row.plan_sha256 = rows.text(at, 4);
  row.table = rows.text(at, 5);
  row.inserted = rows.integer(at, 6);
  row.updated = rows.integer(at, 7);
  row.deleted = rows.integer(at, 8);
  row.created = rows.integer(at, 9) != 0;
  row.after_digest = rows.text(at, 11);
  row.undo_bytes = static_cast<std::uint64_t>(rows.integer(at, 12));
  row.watermark = rows.text(at, 13);
  row.committed_us = rows.integer(at, 14);
  if (!rows.is_null(at, 15)) row.undo_expires_us = rows.integer(at, 15);
  return row;
}

}  // namespace

std::string engine_table(const Session& session, const char* name) {
  return quoted_name(session.settings().schema) + "._engine_" + name;
}

bool has_engine_tables(Session& session) {
  const Rows there = session.query(
      "SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = $1 AND c.relname = '_engine_meta'",
      {session.settings().schema});
  if (there.size() == 0) return false;
  const Rows found = session.query("SELECT value FROM " + engine_table(session, "meta") +
                                   " WHERE name = 'format_version'");
  const std::int64_t version = found.size() == 0 ? 0 : found.integer(0, 0);
  if (version == kFormatVersion) return true;
  throw base::Error(base::Fault::kState, "E504",
                    fmt::format("{}: the engine's tables have format version {}, this engine knows "
                                "version {}",
                                session.self(), version, kFormatVersion),
                    "use the engine version that wrote them");
}

void create_engine_tables(Session& session) {
  session.query("SELECT pg_catalog.pg_advisory_xact_lock($1)", {std::to_string(kCreationLock)});
  if (has_engine_tables(session)) return;
  session.run(
      fmt::format(fmt::runtime(kTables), quoted_name(session.settings().schema), kFormatVersion));
}

std::int64_t server_now_us(Session& session) {
  return session.query("SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::int8")
      .integer(0, 0);
}

std::optional<connect::LockRow> read_lock(Session& session, bool for_update) {
  const Rows rows = session.query(
      "SELECT epoch, run_id, owner, lock_id, lease_until_us, since_us, state FROM " +
          engine_table(session, "lock") + " WHERE scope = $1" + (for_update ? " FOR UPDATE" : ""),
      {kScope});
  if (rows.size() == 0) return std::nullopt;
  connect::LockRow lock;
  lock.scope = kScope;
  lock.epoch = static_cast<std::uint64_t>(rows.integer(0, 0));
  lock.run_id = rows.text(0, 1);
  lock.owner = rows.text(0, 2);
  lock.lock_id = rows.text(0, 3);
  lock.lease_until_us = rows.integer(0, 4);
  lock.since_us = rows.integer(0, 5);
  lock.state = rows.text(0, 6);
  return lock;
}

bool take_fence(Session& session, const std::string& run_id, std::uint64_t epoch) {
  const Rows fence = session.query("UPDATE " + engine_table(session, "lock") +
                                       " SET epoch = epoch WHERE scope = $1 AND epoch = $2 AND"
                                       " run_id = $3 AND state <> 'free'",
                                   {kScope, std::to_string(epoch), run_id});
  return fence.changed() == 1;
}

void insert_ledger(Session& session, const LedgerEntry& entry) {
  const auto& row = entry.row;
  session.query(
      "INSERT INTO " + engine_table(session, "ledger") +
          " (run_id, step, chunk, epoch, plan_sha256, table_name, inserted, updated, deleted,"
          " created, created_sql, after_digest, undo_bytes, watermark, committed_us)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
      {row.run_id, row.step, std::to_string(row.chunk), std::to_string(row.epoch), row.plan_sha256,
       row.table, std::to_string(row.inserted), std::to_string(row.updated),
       std::to_string(row.deleted), row.created ? "1" : "0", entry.created_sql, row.after_digest,
       std::to_string(row.undo_bytes), row.watermark, std::to_string(row.committed_us)});
}

std::vector<LedgerEntry> read_ledger(Session& session, const std::string& run_id) {
  std::vector<LedgerEntry> out;
  if (!has_engine_tables(session)) return out;
  const Rows rows = session.query(
      "SELECT l.run_id, l.step, l.chunk, l.epoch, l.plan_sha256, l.table_name, l.inserted,"
      " l.updated, l.deleted, l.created, l.created_sql, l.after_digest, l.undo_bytes, l.watermark,"
      " l.committed_us, (SELECT min(u.expires_us) FROM " +
          engine_table(session, "undo") +
          " u WHERE u.run_id = l.run_id AND u.step = l.step) FROM " +
          engine_table(session, "ledger") +
          " l WHERE $1 = '' OR l.run_id = $1 ORDER BY l.committed_us, l.seq",
      {run_id});
  for (int i = 0; i < rows.size(); ++i) {
    out.push_back({ledger_row(rows, i), std::string(rows.text(i, 10))});
  }
  return out;
}

void insert_undo(Session& session, const UndoEntry& entry) {
  session.query("INSERT INTO " + engine_table(session, "undo") +
                    " (run_id, step, chunk, table_name, expires_us, key_columns, row_columns,"
                    " block) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                {entry.run_id, entry.step, std::to_string(entry.chunk), entry.table,
                 std::to_string(entry.expires_us), hex_literal(wire_of_names(entry.key_columns)),
                 hex_literal(wire_of_names(entry.row_columns)), hex_literal(entry.block)});
}

std::vector<std::int64_t> undo_chunks(Session& session, const std::string& run_id,
                                      const std::string& step) {
  const Rows rows = session.query("SELECT chunk FROM " + engine_table(session, "undo") +
                                      " WHERE run_id = $1 AND step = $2 ORDER BY chunk DESC",
                                  {run_id, step});
  std::vector<std::int64_t> out;
  for (int i = 0; i < rows.size(); ++i) out.push_back(rows.integer(i, 0));
  return out;
}

UndoEntry read_undo(Session& session, const std::string& run_id, const std::string& step,
                    std::int64_t chunk) {
  const Rows rows = session.query("SELECT key_columns, row_columns, block, expires_us FROM " +
                                      engine_table(session, "undo") +
                                      " WHERE run_id = $1 AND step = $2 AND chunk = $3",
                                  {run_id, step, std::to_string(chunk)});
  if (rows.size() == 0) base::bug("an undo block vanished inside the transaction");
  UndoEntry out;
  out.run_id = run_id;
  out.step = step;
  out.chunk = chunk;
  out.key_columns = names_of_wire(unhex(rows.text(0, 0)));
  out.row_columns = names_of_wire(unhex(rows.text(0, 1)));
  out.block = unhex(rows.text(0, 2));
  out.expires_us = rows.integer(0, 3);
  return out;
}

std::string definition_text(Session& session, std::uint32_t table) {
  const Rows row = session.query(
      "SELECT pg_catalog.concat_ws(E'\\n', (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ',"
      " a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,"
      " a.attidentity, pg_catalog.pg_get_expr(d.adbin, d.adrelid)), E'\\n' ORDER BY a.attnum)"
      " FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid"
      " AND d.adnum = a.attnum WHERE a.attrelid = $1::oid AND a.attnum > 0"
      " AND NOT a.attisdropped), (SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef("
      "oid), E'\\n' ORDER BY conname) FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid),"
      " (SELECT pg_catalog.string_agg(pg_catalog.pg_get_indexdef(indexrelid), E'\\n'"
      " ORDER BY indexrelid) FROM pg_catalog.pg_index WHERE indrelid = $1::oid),"
      " (SELECT pg_catalog.string_agg(pg_catalog.pg_get_triggerdef(oid), E'\\n' ORDER BY tgname)"
      " FROM pg_catalog.pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal))",
      {std::to_string(table)});
  return std::string(row.text(0, 0));
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

}  // namespace engine::connectors::postgres
