#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connect/undo_block.h"
#include "connect/write.h"
#include "connectors/sqlite/catalog.h"

namespace engine::connectors::sqlite {

/// What a unit does to one table, as it happens: the receipt, and the undo of each row in blocks of
/// `_engine_undo`. Chunks count on over all that is done to the table, so that the last change is
/// the first to be undone.
class TableJournal {
 public:
  /// All references must outlive the journal.
  TableJournal(Database& database, const connect::PublishUnit& unit,
               const connect::TableWrite& write, const TableShape& shape);

  /// `key` names the row by locator(), `before` is its image before the change and `wire` after it;
  /// empty where there was or is no row. Nothing is written to the database: a statement may run.
  void add(connect::Op op, std::string_view key, std::string_view before, std::string_view wire);
  /// So much is held that it should be written.
  bool is_full() const;
  /// Writes what is held; called after each batch.
  void flush();

  /// The columns by which rows are found again: the plan's key, else the primary key of a table
  /// without row numbers; empty: by row number.
  const std::vector<std::string>& locator() const { return locator_; }
  /// Columns of images.
  const std::vector<std::string>& row_columns() const { return row_columns_; }
  connect::TableReceipt& receipt() { return receipt_; }

 private:
  Database& database_;
  const connect::PublishUnit& unit_;
  std::vector<std::string> locator_;
  std::vector<std::string> row_columns_;
  connect::TableReceipt receipt_;
  connect::UndoBlockWriter undo_;
  std::int64_t chunk_ = 0;
};

}  // namespace engine::connectors::sqlite
