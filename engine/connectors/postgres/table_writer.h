#pragma once

#include <string>
#include <vector>

#include "connectors/postgres/encode.h"
#include "connectors/postgres/table_journal.h"

namespace engine::connectors::postgres {

/// Writes the changes of one table inside the publish transaction: each batch is copied into a
/// temporary stage, and a statement each deletes, updates and inserts all rows of it; what stood
/// there before and what stands there after are read back in the server's own form for the journal.
/// A table that refers to itself is written at the end as a whole, for a row may come before the
/// one it refers to. Errors name the table:
///   E407 a value that the column would change · E416 a constraint or trigger refused a row · E510
///   a row is not there any more · E313 two rows have one key.
class TableWriter {
 public:
  /// `columns` are those of the batches: of Publisher::apply, or of Publisher::remove. All
  /// references must outlive the writer.
  TableWriter(Session& session, const connect::TableWrite& write, const TableShape& shape,
              TableJournal& journal, const data::Schema& columns);

  void write(const connect::ChangeBatch& batch);
  void finish();

 private:
  struct Before {
    std::string key, row;
    bool seen = false;
  };
  void stage(const connect::ChangeBatch& batch);
  void settle();
  void read_before();
  void require_all_there() const;
  void remove_rows();
  void update_rows(connect::Op op, const std::string& assignments);
  void insert_rows();
  void raise_sequences();
  std::string stage_column(const std::string& name) const;
  std::string key_condition() const;
  std::string assignments() const;
  std::string returned(const std::vector<std::string>& names) const;
  [[noreturn]] void refuse(const std::string& what) const;

  Session& session_;
  const connect::TableWrite& write_;
  const TableShape& shape_;
  TableJournal& journal_;
  std::vector<std::string> names_;  ///< of the batches' columns
  std::vector<CellEncoder> encoders_;
  std::string stage_;
  bool at_once_ = false;
  std::string bytes_;
  std::vector<connect::Op> ops_;  ///< of the staged rows, which count from 0
  std::vector<Before> before_;
};

}  // namespace engine::connectors::postgres
