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
///
/// Rows without a key were entered by their row number. A number is only where to look first: what
/// counts is the digest of the row, and where it is not the one the run left, any row of that
/// digest stands in, each once (numbers change when the file is compacted). A deleted row goes back
/// to its number, or to a new one where that is taken.
class RowUndo {
 public:
  /// Columns that are gone from the table make every row a conflict that cannot be judged: E506.
  /// `again`: the run was undone before, with conflicts.
  RowUndo(Database& database, const TableShape& shape, std::vector<std::string> key_columns,
          std::vector<std::string> row_columns, bool again);

  /// Looks at the row; current() is its image, empty when there is none.
  RowState look(const connect::UndoRecord& record);
  const std::vector<Stored>& current() const { return current_; }
  /// Brings the row back to what it was before, whatever stands there now, and reads it back
  /// (E512).
  void restore(const connect::UndoRecord& record, ReferenceGuard& references);
  std::string key_words(const connect::UndoRecord& record) const;
  const std::vector<std::string>& row_columns() const { return row_columns_; }
  /// What names the rows in statements; the name of the row number where there is no key.
  const std::vector<std::string>& key_columns() const { return finding_columns_; }
  /// The values of those columns for the row that look() saw.
  const std::vector<Stored>& key() const { return key_; }
  /// In a dry run, the row that look() saw is taken for its record: no other stands in for it.
  void take();

 private:
  RowState look_by_number(const connect::UndoRecord& record);
  bool find_elsewhere(const base::Hash128& digest);
  void index_rows();
  bool is_taken();
  void remove();
  void insert(const std::vector<Stored>& before);
  void overwrite(const std::vector<Stored>& before);
  void verify(const connect::UndoRecord& record);

  Database& database_;
  std::string table_;
  bool again_;
  std::vector<std::string> key_columns_;
  std::string rowid_name_;
  bool number_is_column_;
  std::vector<std::string> finding_columns_;
  std::vector<std::string> row_columns_;
  RowFinder finder_;
  Statement insert_, update_, delete_;
  Statement at_number_, same_digest_, take_, taken_;
  bool new_number_ = false;
  std::string key_wire_;
  std::vector<Stored> key_;
  bool found_ = false;
  std::string wire_;
  std::vector<Stored> current_;
};

}  // namespace engine::connectors::sqlite
