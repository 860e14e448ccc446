#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "connect/ledger.h"
#include "connectors/postgres/session.h"

namespace engine::connectors::postgres {

/// The engine's own tables in the connection's schema, as engine/connect/FORMATS.md writes them
/// down. Callers hold the transaction.

inline constexpr const char* kScope = "database";

std::string engine_table(const Session& session, const char* name);
void create_engine_tables(Session& session);
/// False when there are none; E504 when they are of another format version.
bool has_engine_tables(Session& session);
/// By the server's clock.
std::int64_t server_now_us(Session& session);

/// With the row locked until the transaction ends.
std::optional<connect::LockRow> read_lock(Session& session, bool for_update);
/// The fence: an UPDATE of the lock row that requires our epoch. False when it is lost.
bool take_fence(Session& session, const std::string& run_id, std::uint64_t epoch);

struct LedgerEntry {
  connect::LedgerRow row;
  std::string created_sql;  ///< definition_text() right after the creation
};
void insert_ledger(Session& session, const LedgerEntry& entry);
/// Of one run, or of all when `run_id` is empty; ordered by time, then by the order of writing.
std::vector<LedgerEntry> read_ledger(Session& session, const std::string& run_id);

struct UndoEntry {
  std::string run_id, step;
  std::int64_t chunk = 0;
  std::string table;
  std::int64_t expires_us = 0;
  std::vector<std::string> key_columns;
  std::vector<std::string> row_columns;  ///< of before images and row digests, in this order
  std::string block;                     ///< connect/undo_block.h
};
void insert_undo(Session& session, const UndoEntry& entry);
/// Newest first.
std::vector<std::int64_t> undo_chunks(Session& session, const std::string& run_id,
                                      const std::string& step);
UndoEntry read_undo(Session& session, const std::string& run_id, const std::string& step,
                    std::int64_t chunk);

/// What a table is, as one text: equal texts mean that nobody changed it.
std::string definition_text(Session& session, std::uint32_t table);

/// TableDigest::text() back.
base::TableDigest parse_digest(std::string_view text);

}  // namespace engine::connectors::postgres
