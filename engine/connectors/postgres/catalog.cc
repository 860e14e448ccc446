#include "connectors/postgres/catalog.h"

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::postgres {
namespace {

using connect::ColumnInfo;
using connect::ForeignKeyInfo;

/// Kinds of pg_class: ordinary and partitioned tables can be written, the rest is only read.
constexpr std::string_view kWritten = "rp";

struct Found {
  std::string oid;
  std::string schema, name;
  char kind = 'r';
};

std::optional<Found> find_exactly(Session& session, const std::string& schema,
                                  const std::string& table) {
  const Rows rows = session.query(
      "SELECT c.oid, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
      " ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2"
      " AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
      {schema, table});
  if (rows.size() == 0) return std::nullopt;
  return Found{std::string(rows.text(0, 0)), schema, table, rows.text(0, 1)[0]};
}

std::optional<Found> find_table(Session& session, const std::string& table) {
  if (is_engine_table(table)) return std::nullopt;
  if (auto found = find_exactly(session, session.settings().schema, table)) return found;
  const auto dot = table.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const std::string inner = table.substr(dot + 1);
  if (is_engine_table(inner)) return std::nullopt;
  return find_exactly(session, table.substr(0, dot), inner);
}

/// Name of a table from the point of view of the connection: without its schema where that goes
/// without saying.
std::string plan_name(const Session& session, std::string_view schema, std::string_view table) {
  if (schema == session.settings().schema) return std::string(table);
  return std::string(schema) + "." + std::string(table);
}

/// A domain stands for what it is made of, through all its layers.
constexpr const char* kColumns = R"(
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
       a.attnotnull OR own.typnotnull,
       a.atthasdef OR a.attidentity <> '' OR own.typdefault IS NOT NULL,
       a.attgenerated <> '', base.oid, base.modifier, base.name, a.attidentity = 'a',
       CASE WHEN a.attgenerated = '' THEN
         pg_catalog.pg_get_serial_sequence($2, a.attname) END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type own ON own.oid = a.atttypid
CROSS JOIN LATERAL (
  WITH RECURSIVE layers(oid, modifier) AS (
    SELECT a.atttypid, a.atttypmod
    UNION ALL
    SELECT t.typbasetype, t.typtypmod FROM layers l JOIN pg_catalog.pg_type t ON t.oid = l.oid
    WHERE t.typtype = 'd')
  SELECT l.oid, l.modifier, t.typname AS name FROM layers l
  JOIN pg_catalog.pg_type t ON t.oid = l.oid WHERE t.typtype <> 'd') base
WHERE a.attrelid = $1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum)";

std::uint32_t oid_of(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

void load_columns(Session& session, const Found& found, TableShape& shape) {
  const Rows rows = session.query(kColumns, {found.oid, shape.sql_name});
  for (int i = 0; i < rows.size(); ++i) {
    ColumnInfo column;
    ShapeColumn own;
    column.name = rows.text(i, 0);
    column.declared = own.declared = rows.text(i, 1);
    column.nullable = !rows.truth(i, 2);
    column.has_default = rows.truth(i, 3);
    column.generated = rows.truth(i, 4);
    own.modifier = static_cast<std::int32_t>(rows.integer(i, 6));
    ColumnType type = type_of({oid_of(rows.text(i, 5)), own.modifier, rows.text(i, 7)});
    column.type = type.type;
    column.changes_values = std::move(type.changes_values);
    own.wire = type.wire;
    own.always_identity = rows.truth(i, 8);
    if (!rows.is_null(i, 9)) own.sequence = rows.text(i, 9);
    shape.info.columns.push_back(std::move(column));
    shape.columns.push_back(std::move(own));
  }
}

/// Indexes on plain columns over all rows.
void load_indexes(Session& session, const Found& found, TableShape& shape) {
  const Rows rows = session.query(
      "SELECT i.indexrelid, i.indisprimary, a.attname FROM pg_catalog.pg_index i"
      " CROSS JOIN LATERAL pg_catalog.unnest(i.indkey) WITH ORDINALITY AS k(attnum, place)"
      " JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
      " WHERE i.indrelid = $1::pg_catalog.oid AND i.indisunique AND i.indisvalid"
      " AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts"
      " ORDER BY i.indexrelid, k.place",
      {found.oid});
  std::string current;
  for (int i = 0; i < rows.size(); ++i) {
    const bool primary = rows.truth(i, 1);
    if (rows.text(i, 0) != current && !primary) shape.info.unique_indexes.emplace_back();
    current = rows.text(i, 0);
    auto& columns = primary ? shape.info.primary_key : shape.info.unique_indexes.back();
    columns.emplace_back(rows.text(i, 2));
  }
}

/// The keys that lead from the table, or those that lead to it.
std::vector<ForeignKeyInfo> load_keys(Session& session, const Found& found, bool referring) {
  const Rows rows = session.query(
      std::string("SELECT f.oid, n.nspname, c.relname, own.attname, theirs.attname,"
                  " f.confupdtype IN ('c', 'n', 'd') OR f.confdeltype IN ('c', 'n', 'd')"
                  " FROM pg_catalog.pg_constraint f JOIN pg_catalog.pg_class c ON c.oid = ") +
          (referring ? "f.conrelid" : "f.confrelid") +
          " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
          " CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(f.conkey),"
          " pg_catalog.unnest(f.confkey)) WITH ORDINALITY AS k(own, theirs, place)"
          " JOIN pg_catalog.pg_attribute own ON own.attrelid = f.conrelid AND own.attnum = k.own"
          " JOIN pg_catalog.pg_attribute theirs ON theirs.attrelid = f.confrelid"
          " AND theirs.attnum = k.theirs WHERE f.contype = 'f' AND " +
          (referring ? "f.confrelid" : "f.conrelid") +
          " = $1::pg_catalog.oid ORDER BY n.nspname, c.relname, f.conname, k.place",
      {found.oid});
  std::vector<ForeignKeyInfo> out;
  std::string current;
  for (int i = 0; i < rows.size(); ++i) {
    if (rows.text(i, 0) != current) out.emplace_back();
    current = rows.text(i, 0);
    auto& key = out.back();
    key.to = plan_name(session, rows.text(i, 1), rows.text(i, 2));
    key.columns.emplace_back(rows.text(i, 3));
    key.fields.emplace_back(rows.text(i, 4));
    key.cascades = rows.truth(i, 5);
  }
  return out;
}

void load_triggers(Session& session, const Found& found, TableShape& shape) {
  const Rows rows = session.query(
      "SELECT tgname FROM pg_catalog.pg_trigger WHERE tgrelid = $1::pg_catalog.oid"
      " AND NOT tgisinternal AND tgenabled <> 'D' ORDER BY tgname",
      {found.oid});
  for (int i = 0; i < rows.size(); ++i) {
    shape.info.triggers.emplace_back(rows.text(i, 0));
    shape.info.notes.push_back("trigger " + shape.info.triggers.back() + " fires");
  }
}

TableShape columns_of(Session& session, const Found& found, const std::string& table) {
  TableShape shape;
  shape.info.name = table;
  shape.info.is_view = kWritten.find(found.kind) == std::string_view::npos;
  shape.sql_name = quoted_name(found.schema) + "." + quoted_name(found.name);
  shape.oid = oid_of(found.oid);
  load_columns(session, found, shape);
  return shape;
}

}  // namespace

bool is_engine_table(std::string_view name) {
  return name.starts_with("_engine_");
}

std::optional<TableShape> load_shape(Session& session, const std::string& table) {
  const auto found = find_table(session, table);
  if (!found) return std::nullopt;
  TableShape shape = columns_of(session, *found, table);
  if (shape.info.is_view) {
    if (found->kind == 'f') shape.info.notes.push_back("a foreign table: it is only read");
    return shape;
  }
  load_indexes(session, *found, shape);
  shape.info.foreign_keys = load_keys(session, *found, false);
  shape.info.referenced_by = load_keys(session, *found, true);
  load_triggers(session, *found, shape);
  shape.info.empty =
      session.query("SELECT NOT EXISTS (SELECT FROM " + shape.sql_name + ")").truth(0, 0);
  return shape;
}

TableShape require_columns(Session& session, const std::string& table) {
  const auto found = find_table(session, table);
  if (found) return columns_of(session, *found, table);
  throw base::Error(base::Fault::kPlan, "E301",
                    session.self() + " has no table " + base::quoted(table));
}

std::vector<ColumnInfo> describe_columns(Session& session, const std::vector<ResultColumn>& columns,
                                         std::vector<Wire>& wires) {
  std::vector<ColumnInfo> out;
  for (const auto& column : columns) {
    const Rows type = session.query(
        "SELECT pg_catalog.format_type(oid, $2::pg_catalog.int4), typname FROM"
        " pg_catalog.pg_type WHERE oid = $1::pg_catalog.oid",
        {std::to_string(column.type), std::to_string(column.modifier)});
    ColumnType mapped = type_of({column.type, column.modifier, type.text(0, 1)});
    ColumnInfo info;
    info.name = column.name;
    info.declared = type.text(0, 0);
    info.type = mapped.type;
    out.push_back(std::move(info));
    wires.push_back(mapped.wire);
  }
  return out;
}

std::vector<std::string> table_names(Session& session, Listed listed) {
  const Rows rows = session.query(
      std::string("SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                  " ON n.oid = c.relnamespace WHERE n.nspname = $1 AND NOT c.relispartition"
                  " AND c.relname NOT LIKE E'\\\\_engine\\\\_%' AND c.relkind IN ") +
          (listed == Listed::kTables ? "('r', 'p')" : "('v', 'm', 'f')") +
          " ORDER BY c.relname COLLATE \"C\"",
      {session.settings().schema});
  std::vector<std::string> out;
  for (int i = 0; i < rows.size(); ++i) out.emplace_back(rows.text(i, 0));
  return out;
}

}  // namespace engine::connectors::postgres
