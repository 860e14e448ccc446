#include "connectors/sqlite/ddl.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "connectors/sqlite/database.h"
#include "connectors/sqlite/types.h"
#include "data/value.h"
#include "data/value_text.h"

namespace engine::connectors::sqlite {
namespace {

using data::Kind;

[[noreturn]] void refuse(const std::string& table, const std::string& what) {
  throw base::Error(base::Fault::kPlan, "E314",
                    "the definition of table " + base::quoted(table) + " cannot be made: " + what,
                    "correct the table's schema in the plan");
}

std::string text_literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

/// A default is written as a literal of the class the column holds.
std::string default_literal(const std::string& table, const connect::CreateTable::Column& column) {
  const auto value = data::parse_value(column.type, *column.default_text);
  if (!value || column.default_text->find('\0') != std::string::npos) {
    refuse(table, "the default of column " + base::quoted(column.name) + " is no " +
                      data::type_name(column.type));
  }
  const std::string text = data::value_text(*value);
  switch (column.type.kind) {
    case Kind::kBool:
      return value->integer == 0 ? "0" : "1";
    case Kind::kInt64:
      return "(" + text + ")";
    case Kind::kFloat64:
      if (!std::isfinite(value->real)) refuse(table, "a default of NaN or infinity");
      return text.find_first_of(".e") == std::string::npos ? "(" + text + ".0)" : "(" + text + ")";
    case Kind::kBytes:
      return "x'" + base::hex(value->bytes) + "'";
    default:
      return text_literal(text);
  }
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string column_list(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + quoted_name(name);
  return out;
}

void require_known(const std::string& table, const connect::CreateTable& create,
                   const std::vector<std::string>& names) {
  for (const auto& name : names) {
    const bool known = std::any_of(create.columns.begin(), create.columns.end(),
                                   [&](const auto& column) { return column.name == name; });
    if (!known) refuse(table, "it has no column " + base::quoted(name));
  }
}

std::string column_text(const std::string& table, const connect::CreateTable& create,
                        const connect::CreateTable::Column& column) {
  std::string out = quoted_name(column.name) + " " + declared_of_type(column.type);
  if (!column.nullable || holds(create.primary_key, column.name)) out += " NOT NULL";
  if (column.default_text) out += " DEFAULT " + default_literal(table, column);
  return out;
}

}  // namespace

std::vector<std::string> create_statements(const std::string& table,
                                           const connect::CreateTable& create) {
  if (!create.statements.empty()) return create.statements;
  if (create.columns.empty()) refuse(table, "it has no columns");
  require_known(table, create, create.primary_key);
  std::string sql = "CREATE TABLE " + quoted_name(table) + " (";
  for (std::size_t i = 0; i < create.columns.size(); ++i) {
    sql += (i == 0 ? "\n  " : ",\n  ") + column_text(table, create, create.columns[i]);
  }
  if (!create.primary_key.empty()) {
    sql += ",\n  PRIMARY KEY (" + column_list(create.primary_key) + ")";
  }
  std::vector<std::string> out{sql + "\n)"};
  int number = 0;
  for (const auto& index : create.indexes) {
    require_known(table, create, index);
    const std::string name = table + "_index_" + std::to_string(++number);
    out.push_back("CREATE INDEX " + quoted_name(name) + " ON " + quoted_name(table) + " (" +
                  column_list(index) + ")");
  }
  return out;
}

}  // namespace engine::connectors::sqlite
