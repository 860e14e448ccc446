#pragma once

#include <functional>
#include <string>
#include <vector>

#include "connect/ledger.h"
#include "connect/undo_block.h"
#include "connectors/postgres/catalog.h"
#include "connectors/postgres/engine_tables.h"

namespace engine::connectors::postgres {

/// Undoes the rows of one undo block by a few statements over all of them, inside the transaction
/// of the rollback. Keys and before images are in the form of the server's binary rows, which the
/// stage takes as they are.
class BlockUndo {
 public:
  /// E506 when a column that the run wrote is gone.
  BlockUndo(Session& session, const TableShape& shape, const UndoEntry& entry);

  /// Compares what stands there with what the run left. A row that was changed since is a conflict,
  /// unless `force`. Adds to the numbers of `report`.
  void look(bool force, connect::UndoTable& report);
  /// Brings back what look() found to be the run's, and reads it back (E512).
  void restore();

 private:
  struct Row {
    std::string now;
    bool found = false;
  };
  void stage();
  std::vector<Row> current() const;
  std::string key_words(std::size_t record) const;
  std::string condition() const;
  void verify() const;

  Session& session_;
  const TableShape& shape_;
  const UndoEntry& entry_;
  std::vector<connect::UndoRecord> records_;
  std::string stage_;
  std::vector<std::size_t> removed_, overwritten_, inserted_;  ///< by number of record
};

}  // namespace engine::connectors::postgres
