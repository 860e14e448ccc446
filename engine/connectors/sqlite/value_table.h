#pragma once

#include <string>
#include <vector>

#include "connect/catalog.h"
#include "connectors/sqlite/database.h"

namespace engine::connectors::sqlite {

/// Temporary tables of distinct values in their own storage classes, for questions that one query
/// answers over a whole table. They live in the handle's temporary database, also where the main
/// one is opened for reading, and are emptied instead of dropped: a drop is refused while any
/// statement of the handle is being read.

/// An empty table with columns f0, f1, ...; returns its name. Equal arguments give the same table.
std::string make_value_table(Database& database, const std::string& purpose, std::size_t number,
                             std::size_t columns);
std::vector<std::string> value_table_columns(std::size_t count);
/// Takes `columns` parameters; a value that is there already is no error.
Statement insert_into_value_table(Database& database, const std::string& table,
                                  std::size_t columns);

/// "left.a = right.x AND left.b = right.y"
std::string join_text(const std::string& left, const std::vector<std::string>& left_columns,
                      const std::string& right, const std::vector<std::string>& right_columns);
/// The fields of a parent that a foreign key may refer to: its primary key or a unique index.
bool is_unique(const connect::TableInfo& parent, std::vector<std::string> fields);

}  // namespace engine::connectors::sqlite
