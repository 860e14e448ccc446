#include "connectors/postgres/ddl.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "connectors/postgres/types.h"
#include "data/value.h"

namespace engine::connectors::postgres {
namespace {

/// Longer names are cut by the server without a word.
constexpr std::size_t kLongestName = 63;

[[noreturn]] void refuse(const std::string& table, const std::string& what) {
  throw base::Error(base::Fault::kPlan, "E314",
                    "the definition of table " + base::quoted(table) + " cannot be made: " + what,
                    "correct the table's schema in the plan");
}

void require_short(const std::string& table, const std::string& name) {
  if (name.size() <= kLongestName) return;
  refuse(table, "the name " + base::quoted(name) + " is longer than 63 bytes");
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string column_list(const std::string& table, const connect::CreateTable& create,
                        const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    const bool known = std::any_of(create.columns.begin(), create.columns.end(),
                                   [&](const auto& column) { return column.name == name; });
    if (!known) refuse(table, "it has no column " + base::quoted(name));
    out += (out.empty() ? "" : ", ") + quoted_name(name);
  }
  return out;
}

std::string column_text(const Session& session, const std::string& table,
                        const connect::CreateTable& create,
                        const connect::CreateTable::Column& column) {
  require_short(table, column.name);
  const std::string declared = declared_of_type(column.type);
  std::string out = quoted_name(column.name) + " " + declared;
  if (!column.nullable || holds(create.primary_key, column.name)) out += " NOT NULL";
  if (!column.default_text) return out;
  const auto value = data::parse_value(column.type, *column.default_text);
  if (!value || column.default_text->find('\0') != std::string::npos) {
    refuse(table, "the default of column " + base::quoted(column.name) + " is no " +
                      data::type_name(column.type));
  }
  return out + " DEFAULT " + session.literal(data::value_text(*value)) + "::" + declared;
}

}  // namespace

std::vector<std::string> create_statements(const Session& session, const std::string& table,
                                           const connect::CreateTable& create) {
  if (!create.statements.empty()) return create.statements;
  if (create.columns.empty()) refuse(table, "it has no columns");
  require_short(table, table);
  const std::string name = quoted_name(session.settings().schema) + "." + quoted_name(table);
  std::string sql = "CREATE TABLE " + name + " (";
  for (std::size_t i = 0; i < create.columns.size(); ++i) {
    sql += (i == 0 ? "\n  " : ",\n  ") + column_text(session, table, create, create.columns[i]);
  }
  if (!create.primary_key.empty()) {
    sql += ",\n  PRIMARY KEY (" + column_list(table, create, create.primary_key) + ")";
  }
  std::vector<std::string> out{sql + "\n)"};
  for (const auto& index : create.indexes) {
    out.push_back("CREATE INDEX ON " + name + " (" + column_list(table, create, index) + ")");
  }
  return out;
}

}  // namespace engine::connectors::postgres
