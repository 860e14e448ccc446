#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/schema.h"

namespace engine::connect {

struct ColumnInfo {
  std::string name;
  data::Type type;
  std::string declared;  ///< as the server says it: "VARCHAR(20)"
  bool nullable = true;
  bool has_default = false;
  bool generated = false;  ///< computed by the target; never written
  /// Why a value of another form would be changed by the column ("NUMERIC affinity turns '007' into
  /// 7"); empty: never.
  std::string changes_values;
  /// The source has no type for it: `type` is text, and a ReadRequest may ask for any other type
  /// instead, in which the texts are then read; what cannot be read so is a row error (E403).
  bool untyped = false;
};

struct ForeignKeyInfo {
  std::vector<std::string> columns;
  std::string to;
  std::vector<std::string> fields;
  bool cascades = false;  ///< a delete or key change of the parent changes the child
};

/// A table as the server describes it. Plain data, so that binding is a pure function of it.
struct TableInfo {
  std::string name;
  bool is_view = false;
  std::vector<ColumnInfo> columns;
  std::vector<std::string> primary_key;
  std::vector<std::vector<std::string>> unique_indexes;  ///< without the primary key
  std::vector<ForeignKeyInfo> foreign_keys;
  std::vector<ForeignKeyInfo> referenced_by;  ///< `to` is the child table's name
  std::vector<std::string> triggers;
  bool empty = false;              ///< no row at the moment of the look
  std::vector<std::string> notes;  ///< what the plan output should name

  const ColumnInfo* find(std::string_view column) const;
};

/// A query of a plan as the source understands it.
struct QueryInfo {
  TableInfo info;       ///< columns alone
  std::string refused;  ///< why it cannot be run; empty: it can
};

/// What was looked up for one plan: per connection and physical name; a missing table is present
/// with nullopt.
struct Catalog {
  std::map<std::pair<std::string, std::string>, std::optional<TableInfo>> tables;
  std::map<std::pair<std::string, std::string>, QueryInfo> queries;  ///< by connection and text
};

}  // namespace engine::connect
