#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/stored.h"

namespace engine::connectors::sqlite {

/// The foreign keys that a database declares, judged for the rows a unit touches (the store's own
/// enforcement is off: it would also act on rows that were orphans before, and cascade to tables
/// nobody named). Inside the publish transaction: written() and gone() for every row as it changes,
/// check() before the commit, when the order of writing no longer matters. Keys whose parent is
/// missing or not unique cannot be judged and are left alone, as the store itself refuses to use
/// them.
class ReferenceGuard {
 public:
  /// `unit`: physical names of all tables of the unit.
  ReferenceGuard(Database& database, std::vector<std::string> unit);
  ~ReferenceGuard();

  /// The rows that follow are of this table, their values in the order of `row_columns`.
  /// `all_rows`: the table was empty, so that every row of it is touched and one query at the end
  /// judges them all.
  void enter(const TableShape& shape, const std::vector<std::string>& row_columns, bool all_rows);
  /// `before` is null for an inserted row.
  void written(const std::vector<Stored>* before, const std::vector<Stored>& after);
  void gone(const std::vector<Stored>& before);
  /// E414: an orphan was made. E417: a delete would cascade to a table outside the unit, or leave
  /// rows there without their parent.
  void check();

 private:
  struct Child;
  struct Parent;
  void add_child(const TableShape& shape, const connect::ForeignKeyInfo& key,
                 const std::vector<std::string>& row_columns, bool all_rows);
  void add_parent(const TableShape& shape, const connect::ForeignKeyInfo& key,
                  const std::vector<std::string>& row_columns);
  void check_child(Child& child);
  void check_parent(Parent& parent);

  Database& database_;
  std::vector<std::string> unit_;
  std::vector<std::unique_ptr<Child>> children_;
  std::vector<std::unique_ptr<Parent>> parents_;
  std::size_t first_child_ = 0;  ///< of the table entered last
  std::size_t first_parent_ = 0;
};

}  // namespace engine::connectors::sqlite
