#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connect/undo_block.h"
#include "connectors/sqlite/row_undo.h"

namespace engine::connectors::sqlite {

/// Rows that a run inserted and that its undoing must leave, because rows that stay refer to them
/// by a foreign key. Tables are known by number. Inside the transaction of the rollback.
///
/// First each table is entered; then its rows that are to go are noted, and settle() finds which of
/// them are held. A row that stays holds its own parents.
class HeldRows {
 public:
  HeldRows(Database& database, std::size_t tables);
  ~HeldRows();
  HeldRows(const HeldRows&) = delete;
  HeldRows& operator=(const HeldRows&) = delete;

  /// `shape` outlives this. `inserted`: the run inserted rows. `first`: rows of it are to go whose
  /// parents are settled before they are gone.
  void enter(std::size_t table, const TableShape& shape, bool inserted, bool first);
  /// Whether note() has a use for the table's rows.
  bool asks_for(std::size_t table) const;
  /// The row that was looked at goes away, or back to what it was.
  void note(std::size_t table, const RowUndo& rows, const connect::UndoRecord& record);
  /// The row would be gone, or would refer to something else: it holds nobody that is settled from
  /// here on. For a dry run, in which nothing really goes.
  void note_gone(std::size_t table, const RowUndo& rows, const connect::UndoRecord& record);
  void settle(const std::vector<std::size_t>& tables);
  /// The table with a row that refers to this inserted one; nullptr: none does.
  const std::string* holder(std::size_t table, const RowUndo& rows) const;

 private:
  struct Referrer;
  struct Table;

  bool settle_round(Table& table, const Referrer& referrer);
  void keep_row(Table& table, const Referrer& referrer, const std::vector<Stored>& value);
  std::optional<std::vector<Stored>> stored_in_row(const Table& table,
                                                   const std::vector<std::string>& columns,
                                                   const Referrer& referrer,
                                                   const std::vector<Stored>& value);
  void forget(const std::string& value_table, const std::vector<Stored>& value);
  void keep_going(const Table& table, const Referrer& referrer, const std::vector<Stored>& value);
  std::string outside_condition(const std::string& child) const;

  Database& database_;
  std::vector<Table> tables_;
};

}  // namespace engine::connectors::sqlite
