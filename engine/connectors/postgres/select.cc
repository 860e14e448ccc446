#include "connectors/postgres/select.h"

#include "base/error.h"
#include "base/text.h"
#include "data/value.h"

namespace engine::connectors::postgres {
namespace {

using data::Kind;

/// The rows of `request.keys` as a table k(n, c0, c1, ...), joined in their order.
std::string join_keys(const Session& session, const TableShape& shape, const data::Batch& keys) {
  std::string values;
  for (std::size_t row = 0; row < keys.rows; ++row) {
    values += (row == 0 ? "(" : ", (") + std::to_string(row);
    for (std::size_t i = 0; i < keys.columns.size(); ++i) {
      values += ", " + literal_of(session, data::value_at(keys.column(i), row));
    }
    values += ")";
  }
  std::string names = "n";
  std::string condition;
  for (std::size_t i = 0; i < keys.columns.size(); ++i) {
    const std::string& name = keys.schema->fields[i].name;
    const Wire wire = shape.columns[column_position(shape, name)].wire;
    const std::string key = "k.c" + std::to_string(i);
    names += ", c" + std::to_string(i);
    condition += (i == 0 ? "" : " AND ") + read_term("t." + quoted_name(name), wire) + " = " + key;
  }
  return " JOIN (VALUES " + values + ") AS k(" + names + ") ON " + condition;
}

}  // namespace

std::size_t column_position(const TableShape& shape, const std::string& name) {
  for (std::size_t i = 0; i < shape.info.columns.size(); ++i) {
    if (shape.info.columns[i].name == name) return i;
  }
  throw base::Error(
      base::Fault::kPlan, "E302",
      "table " + base::quoted(shape.info.name) + " has no column " + base::quoted(name));
}

std::string read_term(const std::string& name, Wire wire) {
  if (wire == Wire::kAsText) return name + "::pg_catalog.text";
  if (wire == Wire::kAsNumeric) return name + "::pg_catalog.numeric";
  return name;
}

/// Texts are ordered by their bytes; NULL stands first. Without the last word an index serves where
/// no NULL can be.
std::string order_term(const TableShape& shape, const std::string& name) {
  const std::size_t at = column_position(shape, name);
  const auto& column = shape.info.columns[at];
  std::string term = read_term("t." + quoted_name(name), shape.columns[at].wire);
  const bool as_text = column.type.kind == Kind::kText || column.type.kind == Kind::kJson;
  if (as_text && column.declared != "text") term += "::pg_catalog.text";
  if (as_text) term = "(" + term + ") COLLATE \"C\"";
  return column.nullable ? term + " NULLS FIRST" : term;
}

std::string literal_of(const Session& session, const data::Value& value) {
  const std::string type = value.type.kind == Kind::kDecimal || value.type.kind == Kind::kNumber
                               ? "numeric"
                               : declared_of_type(value.type);
  if (value.null) return "NULL::" + type;
  return session.literal(data::value_text(value)) + "::" + type;
}

std::string where_text(const Session& session, const expr::Sql& where) {
  std::string out = " WHERE (";
  std::size_t next = 0;
  char quote = 0;  // what stands between quotes is a name or a text
  for (const char c : where.text) {
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    } else if (c == '?' && quote == 0) {
      if (next == where.parameters.size()) base::bug("a condition with too few values");
      out += literal_of(session, where.parameters[next++]);
      continue;
    }
    out += c;
  }
  return out + ")";
}

std::string select_text(const Session& session, const TableShape& shape,
                        const connect::ReadRequest& request) {
  std::string sql = "SELECT";
  for (std::size_t i = 0; i < request.columns.size(); ++i) {
    const std::string& name = request.columns.fields[i].name;
    const Wire wire = shape.columns[column_position(shape, name)].wire;
    sql += (i == 0 ? " " : ", ") + read_term("t." + quoted_name(name), wire);
  }
  sql += " FROM " + shape.sql_name + " AS t";
  if (request.keys) sql += join_keys(session, shape, *request.keys);
  if (request.where) sql += where_text(session, *request.where);
  if (request.keys) return sql + " ORDER BY k.n";
  for (std::size_t i = 0; i < request.order_by.size(); ++i) {
    sql += (i == 0 ? " ORDER BY " : ", ") + order_term(shape, request.order_by[i]);
  }
  return sql;
}

}  // namespace engine::connectors::postgres
