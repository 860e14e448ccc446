#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "connect/ledger.h"
#include "connect/undo_block.h"
#include "connectors/sqlite/references.h"
#include "connectors/sqlite/row_access.h"

namespace engine::connectors::sqlite {

/// What stands in a table against what a run left there.
enum class RowState {
  kAsLeft,    ///< the run's change stands: undo it
  kAsBefore,  ///< as before the run: nothing to do
  kChanged,   ///< somebody else's: a conflict
};

/// Undoes single rows of one table whose undo blocks share one layout. Inside the transaction of
/// the rollback.
class RowUndo {
 public:
  /// Columns that are gone from the table make every row a conflict that cannot be judged: E506.
  RowUndo(Database& database, const TableShape& shape, std::vector<std::string> key_columns,
          std::vector<std::string> row_columns);

  /// Looks at the row; current() is its image, empty when there is none.
  RowState look(const connect::UndoRecord& record);
  const std::vector<Stored>& current() const { return current_; }
  /// Brings the row back to what it was before, whatever stands there now, and reads it back
  /// (E512).
  void restore(const connect::UndoRecord& record, ReferenceGuard& references);
  std::string key_words(const connect::UndoRecord& record) const;
  const std::vector<std::string>& row_columns() const { return row_columns_; }
  const std::vector<std::string>& key_columns() const { return key_columns_; }

 private:
  void remove();
  void insert(const std::vector<Stored>& before);
  void overwrite(const std::vector<Stored>& before);
  void verify(const connect::UndoRecord& record);

  Database& database_;
  std::string table_;
  std::vector<std::string> key_columns_;
  std::vector<std::string> row_columns_;
  RowFinder finder_;
  Statement insert_, update_, delete_;
  std::string key_wire_;
  std::vector<Stored> key_;
  bool found_ = false;
  std::string wire_;
  std::vector<Stored> current_;
};

}  // namespace engine::connectors::sqlite
