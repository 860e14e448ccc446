#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connect/undo_block.h"
#include "connect/write.h"
#include "connectors/postgres/catalog.h"

namespace engine::connectors::postgres {

/// The columns of a table that hold data of their own, in table order: what before images and row
/// digests are made of.
std::vector<std::string> stored_columns(const TableShape& shape);

/// What a publish did to one table: the receipt, and undo blocks in `_engine_undo`. Rows and keys
/// are in the form of the server's binary rows.
class TableJournal {
 public:
  TableJournal(Session& session, const connect::PublishUnit& unit, const connect::TableWrite& write,
               const TableShape& shape);

  /// `after` is empty for a delete, `before` for an insert.
  void add(connect::Op op, std::string_view key, std::string_view before, std::string_view after);
  /// Writes what was added since. To be called while no stream of rows is open.
  void flush();
  const connect::TableReceipt& receipt() const { return receipt_; }
  const std::vector<std::string>& row_columns() const { return row_columns_; }

 private:
  void end_block();

  Session& session_;
  const connect::PublishUnit& unit_;
  std::vector<std::string> key_, row_columns_;
  connect::UndoBlockWriter undo_;
  std::vector<std::string> blocks_;
  std::int64_t chunk_ = 0;
  connect::TableReceipt receipt_;
};

}  // namespace engine::connectors::postgres
