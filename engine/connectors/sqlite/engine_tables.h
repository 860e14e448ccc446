#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connect/ledger.h"
#include "connectors/sqlite/database.h"

namespace engine::connectors::sqlite {

/// The engine's own tables in a database, as engine/connect/FORMATS.md writes them down:
/// `_engine_meta`, `_engine_lock`,
/// `_engine_ledger`, `_engine_undo`. Callers hold the lock and, to write, the transaction.

/// One lock a database: it is what a transaction covers.
inline constexpr const char* kScope = "database";

/// Creates what is missing; E504 when the tables are of another format version.
void create_engine_tables(Database& database);
/// False when there are none. E504 as above.
bool has_engine_tables(Database& database);

std::optional<connect::LockRow> read_lock(Database& database);
/// The fence: one UPDATE of the lock row that requires our epoch, so that the database itself
/// refuses whoever lost the lock. False when it is lost.
bool take_fence(Database& database, const std::string& run_id, std::uint64_t epoch);

struct LedgerEntry {
  connect::LedgerRow row;
  std::string created_sql;  ///< definition_text() right after the creation
};
void insert_ledger(Database& database, const LedgerEntry& entry);
/// Of one run, or of all when `run_id` is empty; ordered by time, then by the order of writing.
std::vector<LedgerEntry> read_ledger(Database& database, const std::string& run_id);

struct UndoEntry {
  std::string run_id, step;
  std::int64_t chunk = 0;
  std::string table;
  std::int64_t expires_us = 0;
  std::vector<std::string> key_columns;
  std::vector<std::string> row_columns;  ///< of before images and row digests, in this order
  std::string block;                     ///< connect/undo_block.h
};
void insert_undo(Database& database, const UndoEntry& entry);

/// TableDigest::text() back.
base::TableDigest parse_digest(std::string_view text);

}  // namespace engine::connectors::sqlite
