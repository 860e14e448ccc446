#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/stored.h"

namespace engine::connectors::sqlite {

/// The columns of a table that hold data of their own, in table order: what before images and row
/// digests are made of.
std::vector<std::string> stored_columns(const TableShape& shape);

/// Where the named columns stand in a row; empty when one does not (a generated column).
std::vector<std::size_t> positions_of(const std::vector<std::string>& names,
                                      const std::vector<std::string>& row_columns);

/// `"a" = ?1 AND "a" = ?1 COLLATE BINARY AND ...` from parameter `first`: the first comparison lets
/// an index of the column's own collation serve, the second makes the answer one of bytes.
std::string key_condition(const std::vector<std::string>& names, int first);

/// Finds single rows by key, or by row number where the key has no columns (its one value is the
/// number then), inside a transaction. Errors: E313 when two rows match.
class RowFinder {
 public:
  RowFinder(Database& database, const TableShape& shape, const std::vector<std::string>& key,
            const std::vector<std::string>& row_columns);

  /// The wire form of the row into `wire`; false when there is none.
  bool find(const std::vector<Stored>& key, std::string& wire);
  /// The condition that names the row found last in statements of others, with its parameters from
  /// `first`: the row number where there is one.
  std::string condition(int first) const;
  void bind_condition(Statement& statement, int first, const std::vector<Stored>& key) const;

 private:
  Statement select_;
  std::vector<std::string> key_;
  std::string table_;
  std::string rowid_name_;
  std::size_t width_;
  std::int64_t rowid_ = 0;
};

}  // namespace engine::connectors::sqlite
