#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connect/catalog.h"
#include "connectors/sqlite/database.h"
#include "connectors/sqlite/types.h"

namespace engine::connectors::sqlite {

/// A table as the outside sees it, with what only this connector needs to know.
struct TableShape {
  connect::TableInfo info;
  std::vector<Affinity> affinities;  ///< by column
  /// A name under which the row number can be asked for; empty for WITHOUT ROWID and views.
  std::string rowid_name;
  std::optional<std::size_t> rowid_column;  ///< the INTEGER PRIMARY KEY, which is the row number
};

/// Reads the schema as it is now, inside the open transaction where there is one. A name is looked
/// up without case, as the store does it; the engine's own tables are not there.
std::optional<TableShape> load_shape(Database& database, const std::string& table);
/// The same of a table that this transaction made, without the keys that lead to it: its rows only
/// come, and finding those keys means looking at all tables.
std::optional<TableShape> load_new_shape(Database& database, const std::string& table);
/// The same without indexes, triggers and other tables: what reading needs.
std::optional<TableShape> load_columns_alone(Database& database, const std::string& table);
bool has_table(Database& database, const std::string& table);
bool has_rows(Database& database, const std::string& table);
/// To be called before a transaction that writes, in which nothing new is kept of the schema.
void learn_schema(Database& database);
/// kViews: virtual tables too, which are only read.
enum class Listed { kTables, kViews };
/// In order of name, without the engine's and the store's own.
std::vector<std::string> table_names(Database& database, Listed listed);
bool is_engine_table(std::string_view name);
/// The definitions of a table with its indexes and triggers, as one text: equal texts mean that
/// nobody changed it.
std::string definition_text(Database& database, const std::string& table);
/// The statements that make the table and its indexes, in an order in which they can be run.
std::vector<std::string> definition_statements(Database& database, const std::string& table);

}  // namespace engine::connectors::sqlite
