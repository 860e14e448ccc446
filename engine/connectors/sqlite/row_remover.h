#pragma once

#include <string>
#include <vector>

#include "connectors/sqlite/binding.h"
#include "connectors/sqlite/references.h"
#include "connectors/sqlite/row_access.h"
#include "connectors/sqlite/table_journal.h"

namespace engine::connectors::sqlite {

/// Takes rows out of one table inside the publish transaction, or marks them as deleted, and enters
/// each in the table's journal. Errors name table and key:
///   E407 the mark's column would change the time · E416 a constraint or trigger refused it · E510
///   the row is not there · E313 two rows have its key.
class RowRemover {
 public:
  /// All references must outlive the remover.
  RowRemover(Database& database, const connect::TableWrite& write, const TableShape& shape,
             TableJournal& journal, ReferenceGuard& references);

  void remove(const connect::ChangeBatch& batch);

 private:
  void bind_columns(const data::Schema& schema);
  void remove_row(const data::Batch& rows, std::size_t row, connect::Op op);
  void find_key(const data::Batch& rows, std::size_t row);
  void mark_row(const data::Batch& rows, std::size_t row);
  void run(Statement& statement);
  std::string row_words() const;

  Database& database_;
  const connect::TableWrite& write_;
  const TableShape& shape_;
  TableJournal& journal_;
  ReferenceGuard& references_;
  RowFinder finder_;
  bool guarded_;
  std::size_t mark_slot_ = 0;  ///< place of the mark's column in a row
  std::vector<ColumnBinding> bindings_;
  Statement delete_, update_;

  // Of the row at hand; kept so that no row allocates.
  std::vector<Stored> key_, before_image_;
  std::string before_, wire_, key_wire_;
};

}  // namespace engine::connectors::sqlite
