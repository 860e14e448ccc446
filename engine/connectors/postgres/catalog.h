#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connect/catalog.h"
#include "connectors/postgres/session.h"
#include "connectors/postgres/types.h"

namespace engine::connectors::postgres {

struct ShapeColumn {
  Wire wire = Wire::kAsText;
  std::string declared;          ///< with its digits, as casts and definitions write it
  std::int32_t modifier = -1;    ///< of the type that a domain is made of
  bool always_identity = false;  ///< a value of ours needs OVERRIDING SYSTEM VALUE
  std::string sequence;          ///< that gives its default: quoted, with schema; empty: none
};

/// A table as the outside sees it, with what only this connector needs to know.
struct TableShape {
  connect::TableInfo info;
  std::string sql_name;  ///< quoted, with its schema
  std::uint32_t oid = 0;
  std::vector<ShapeColumn> columns;  ///< as info.columns
};

/// The plan's name: a table of the connection's schema or, with a dot, schema and table. The
/// engine's own tables are not there.
std::optional<TableShape> load_shape(Session& session, const std::string& table);
/// Without keys, indexes, triggers and rows: what reading needs. E301 when there is no such table.
TableShape require_columns(Session& session, const std::string& table);
/// Columns of a cursor; queries have no more.
std::vector<connect::ColumnInfo> describe_columns(Session& session,
                                                  const std::vector<ResultColumn>& columns,
                                                  std::vector<Wire>& wires);
bool is_engine_table(std::string_view name);
/// In order of name, of the connection's schema.
enum class Listed { kTables, kViews };
std::vector<std::string> table_names(Session& session, Listed listed);

}  // namespace engine::connectors::postgres
