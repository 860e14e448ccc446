#include "connectors/sqlite/catalog.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace engine::connectors::sqlite {
namespace {

using connect::ColumnInfo;
using connect::ForeignKeyInfo;

/// Rows of hidden() in pragma_table_xinfo: 1 is a virtual table's hidden column, 2 and 3 are
/// generated columns.
constexpr std::int64_t kHidden = 1;
constexpr std::int64_t kGenerated = 2;

TableKind kind_of(const Statement& row) {
  return {std::string(row.text(0)), std::string(row.text(1)), row.integer(2) != 0,
          row.integer(3) != 0};
}

/// What is known of the schema as it is now. Looking at all tables for each of them would make a
/// plan of many tables quadratic, so it is kept for as long as nobody changed the schema. What a
/// write of this handle has changed is not kept, and there is nullptr: its version is given again
/// to another schema when it is rolled back.
CatalogMemo* memo_of(Database& database) {
  CatalogMemo& memo = database.memo();
  const std::int64_t version = database.integer("PRAGMA schema_version");
  if (memo.schema_version == version) return &memo;
  if (database.is_writing()) return nullptr;
  memo = {};
  memo.schema_version = version;
  auto rows = database.prepare(
      "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'");
  while (rows.step()) memo.kinds.emplace(base::lower_ascii(rows.text(0)), kind_of(rows));
  return &memo;
}

std::optional<TableKind> find_table(Database& database, const std::string& table) {
  if (const CatalogMemo* memo = memo_of(database)) {
    const auto found = memo->kinds.find(base::lower_ascii(table));
    return found == memo->kinds.end() ? std::nullopt : std::optional(found->second);
  }
  auto rows = database.prepare(
      "SELECT name, type, wr, strict FROM pragma_table_list(?1) WHERE schema = 'main'");
  rows.bind_text(1, table);
  if (!rows.step()) return std::nullopt;
  return kind_of(rows);
}

/// What the column would do to values of other forms, for the plan output.
std::string change_of(const data::Type& type, Affinity affinity) {
  if (affinity != Affinity::kNumeric) return {};
  switch (type.kind) {
    case data::Kind::kText:
    case data::Kind::kJson:
      return "NUMERIC affinity turns texts that look like numbers into numbers ('007' into 7)";
    case data::Kind::kDecimal:
    case data::Kind::kNumber:
      return "NUMERIC affinity keeps fractions as binary reals, exact to 15 digits";
    default:
      return {};
  }
}

ColumnInfo column_of(Statement& row, Affinity affinity) {
  ColumnInfo column;
  column.name = row.text(0);
  column.declared = row.text(1);
  column.type = type_of_declared(column.declared);
  column.nullable = row.integer(2) == 0;
  column.has_default = !row.is_null(3);
  column.generated = row.integer(5) >= kGenerated;
  column.changes_values = change_of(column.type, affinity);
  return column;
}

void load_columns(Database& database, const TableKind& kind, TableShape& shape) {
  auto rows = database.prepare(
      "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?1)");
  rows.bind_text(1, kind.name);
  std::vector<std::pair<std::int64_t, std::string>> key;
  while (rows.step()) {
    if (rows.integer(5) == kHidden) continue;
    const Affinity affinity = affinity_of(rows.text(1), kind.strict);
    shape.info.columns.push_back(column_of(rows, affinity));
    shape.affinities.push_back(affinity);
    if (rows.integer(4) > 0) key.emplace_back(rows.integer(4), shape.info.columns.back().name);
  }
  std::sort(key.begin(), key.end());
  for (auto& part : key) shape.info.primary_key.push_back(std::move(part.second));
}

/// A key of exactly one column declared INTEGER, in a table with row numbers, is the row number
/// itself (unless it was declared DESC, which makes an index of its own).
void find_rowid(Database& database, const TableKind& kind, TableShape& shape) {
  if (kind.without_rowid || kind.type != "table") return;
  const auto& columns = shape.info.columns;
  for (const char* name : {"rowid", "_rowid_", "oid"}) {
    const bool taken = std::any_of(columns.begin(), columns.end(), [&](const auto& column) {
      return base::lower_ascii(column.name) == name;
    });
    if (!taken && shape.rowid_name.empty()) shape.rowid_name = name;
  }
  if (shape.info.primary_key.size() != 1) return;
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
    return column.name == shape.info.primary_key[0];
  });
  if (base::lower_ascii(found->declared) != "integer") return;
  auto index = database.prepare("SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk'");
  index.bind_text(1, kind.name);
  if (index.step()) return;
  shape.rowid_column = static_cast<std::size_t>(found - columns.begin());
}

void settle_key_columns(const TableKind& kind, TableShape& shape) {
  if (shape.rowid_column) {
    auto& column = shape.info.columns[*shape.rowid_column];
    column.nullable = false;
    column.has_default = true;
  }
  if (!kind.without_rowid) return;
  for (auto& column : shape.info.columns) {
    const auto& key = shape.info.primary_key;
    if (std::find(key.begin(), key.end(), column.name) != key.end()) column.nullable = false;
  }
}

void load_unique_indexes(Database& database, const std::string& table, TableShape& shape) {
  auto rows = database.prepare(
      "SELECT l.name, i.cid, i.name, i.coll FROM pragma_index_list(?1) l, "
      "pragma_index_xinfo(l.name)"
      " i WHERE l.\"unique\" = 1 AND l.partial = 0 AND l.origin <> 'pk' AND i.key = 1"
      " ORDER BY l.seq, i.seqno");
  rows.bind_text(1, table);
  std::string current;
  bool usable = true;
  std::vector<std::string> columns;
  const auto close = [&] {
    if (!columns.empty() && usable) shape.info.unique_indexes.push_back(columns);
    columns.clear();
    usable = true;
  };
  while (rows.step()) {
    if (rows.text(0) != current) close();
    current = rows.text(0);
    usable = usable && rows.integer(1) >= 0;
    columns.emplace_back(rows.text(2));
    if (rows.text(3) != "BINARY") {
      shape.info.notes.push_back("unique index " + current + " compares " + columns.back() +
                                 " by " + std::string(rows.text(3)) + ", the engine by bytes");
    }
  }
  close();
}

bool changes_child(std::string_view action) {
  return action == "CASCADE" || action == "SET NULL" || action == "SET DEFAULT";
}

/// Adds up the rows of foreign keys: id, table, from, to, on_update, on_delete, ordered by table,
/// id and seq. A key with another `id` or of another table than the last begins anew.
class KeyCollection {
 public:
  explicit KeyCollection(std::vector<ForeignKeyInfo>& keys) : keys_(keys) {}

  void add(const Statement& row) {
    const std::int64_t id = row.integer(0);
    if (keys_.empty() || id != last_ || keys_.back().to != row.text(1)) keys_.emplace_back();
    last_ = id;
    auto& key = keys_.back();
    key.to = row.text(1);
    key.columns.emplace_back(row.text(2));
    if (!row.is_null(3)) key.fields.emplace_back(row.text(3));
    key.cascades = key.cascades || changes_child(row.text(4)) || changes_child(row.text(5));
  }

 private:
  std::vector<ForeignKeyInfo>& keys_;
  std::int64_t last_ = 0;
};

/// A foreign key that names no columns means the parent's primary key.
void fill_fields(Database& database, const std::string& parent, std::vector<ForeignKeyInfo>& keys) {
  for (auto& key : keys) {
    if (!key.fields.empty()) continue;
    auto rows = database.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk");
    const std::string& table = parent.empty() ? key.to : parent;
    rows.bind_text(1, table);
    while (rows.step()) key.fields.emplace_back(rows.text(0));
  }
}

/// The foreign keys of all tables by the folded name of their parent; `to` is the child.
ChildrenByParent read_children(Database& database) {
  auto rows = database.prepare(
      "SELECT f.id, m.name, f.\"from\", f.\"to\", f.on_update, f.on_delete, f.\"table\" FROM"
      " sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
      " ORDER BY f.\"table\" COLLATE NOCASE, m.name, f.id, f.seq");
  ChildrenByParent out;
  std::string parent;
  std::optional<KeyCollection> keys;
  while (rows.step()) {
    const std::string name = base::lower_ascii(rows.text(6));
    if (!keys || name != parent) keys.emplace(out[name]);
    parent = name;
    keys->add(rows);
  }
  return out;
}

std::vector<ForeignKeyInfo> children_of(Database& database, const std::string& table) {
  const std::string name = base::lower_ascii(table);
  CatalogMemo* const memo = memo_of(database);
  if (memo == nullptr) return std::move(read_children(database)[name]);
  if (!memo->children) memo->children = read_children(database);
  const auto found = memo->children->find(name);
  return found == memo->children->end() ? std::vector<ForeignKeyInfo>() : found->second;
}

void load_own_keys(Database& database, const std::string& table, TableShape& shape) {
  auto own = database.prepare(
      "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete FROM "
      "pragma_foreign_key_list(?1)"
      " ORDER BY id, seq");
  own.bind_text(1, table);
  KeyCollection keys(shape.info.foreign_keys);
  while (own.step()) keys.add(own);
  fill_fields(database, {}, shape.info.foreign_keys);
}

void load_referring_keys(Database& database, const std::string& table, TableShape& shape) {
  shape.info.referenced_by = children_of(database, table);
  fill_fields(database, table, shape.info.referenced_by);
}

void load_triggers(Database& database, const std::string& table, TableShape& shape) {
  auto rows = database.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE"
      " ORDER BY name");
  rows.bind_text(1, table);
  while (rows.step()) {
    shape.info.triggers.emplace_back(rows.text(0));
    shape.info.notes.push_back("trigger " + shape.info.triggers.back() + " fires");
  }
}

}  // namespace

bool is_engine_table(std::string_view name) {
  return base::lower_ascii(name).starts_with("_engine_");
}

namespace {

std::optional<TableKind> find_readable(Database& database, const std::string& table) {
  if (is_engine_table(table)) return std::nullopt;
  auto kind = find_table(database, table);
  if (!kind || kind->type == "shadow" || base::lower_ascii(kind->name).starts_with("sqlite_")) {
    return std::nullopt;
  }
  return kind;
}

TableShape read_columns(Database& database, const TableKind& kind) {
  TableShape shape;
  shape.info.name = kind.name;
  shape.info.is_view = kind.type != "table";
  load_columns(database, kind, shape);
  if (shape.info.is_view) return shape;
  find_rowid(database, kind, shape);
  shape.info.row_numbers = !shape.rowid_name.empty();
  settle_key_columns(kind, shape);
  return shape;
}

TableShape columns_of(Database& database, const TableKind& kind) {
  CatalogMemo* const memo = memo_of(database);
  if (memo == nullptr) return read_columns(database, kind);
  auto& known = memo->columns[base::lower_ascii(kind.name)];
  if (!known) known = std::make_shared<const TableShape>(read_columns(database, kind));
  return *known;
}

void load_all_but_referring(Database& database, const TableKind& kind, TableShape& shape) {
  load_unique_indexes(database, kind.name, shape);
  load_own_keys(database, kind.name, shape);
  load_triggers(database, kind.name, shape);
  shape.info.empty = !has_rows(database, kind.name);
}

}  // namespace

void learn_schema(Database& database) {
  const auto guard = database.lock();
  memo_of(database);
}

std::optional<TableShape> load_columns_alone(Database& database, const std::string& table) {
  const auto guard = database.lock();
  const auto kind = find_readable(database, table);
  if (!kind) return std::nullopt;
  return columns_of(database, *kind);
}

std::optional<TableShape> load_shape(Database& database, const std::string& table) {
  const auto guard = database.lock();
  const auto kind = find_readable(database, table);
  if (!kind) return std::nullopt;
  TableShape shape = columns_of(database, *kind);
  if (shape.info.is_view) {
    if (kind->type == "virtual") shape.info.notes.push_back("a virtual table: it is only read");
    return shape;
  }
  load_all_but_referring(database, *kind, shape);
  load_referring_keys(database, kind->name, shape);
  return shape;
}

std::optional<TableShape> load_new_shape(Database& database, const std::string& table) {
  const auto guard = database.lock();
  const auto kind = find_readable(database, table);
  if (!kind) return std::nullopt;
  TableShape shape = columns_of(database, *kind);
  load_all_but_referring(database, *kind, shape);
  return shape;
}

bool has_rows(Database& database, const std::string& table) {
  return database.integer("SELECT EXISTS (SELECT 1 FROM " + quoted_name(table) + ")") == 1;
}

bool has_table(Database& database, const std::string& table) {
  const auto guard = database.lock();
  return find_readable(database, table).has_value();
}

std::vector<std::string> table_names(Database& database, Listed listed) {
  const auto guard = database.lock();
  auto rows = database.prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow' AND"
      " (type = 'table') = ?1 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name");
  rows.bind(1, listed == Listed::kTables ? 1 : 0);
  std::vector<std::string> out;
  while (rows.step()) {
    if (!is_engine_table(rows.text(0))) out.emplace_back(rows.text(0));
  }
  return out;
}

std::string definition_text(Database& database, const std::string& table) {
  auto rows = database.prepare(
      "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ?1 COLLATE NOCASE"
      " AND sql IS NOT NULL ORDER BY type, name");
  rows.bind_text(1, table);
  std::string out;
  while (rows.step()) out.append(rows.text(2)).append(";\n");
  return out;
}

std::vector<std::string> definition_statements(Database& database, const std::string& table) {
  auto rows = database.prepare(
      "SELECT sql FROM sqlite_master WHERE tbl_name = ?1 COLLATE NOCASE AND sql IS NOT NULL"
      " AND type IN ('table', 'index') ORDER BY type DESC, name");
  rows.bind_text(1, table);
  std::vector<std::string> out;
  while (rows.step()) out.emplace_back(rows.text(0));
  return out;
}

}  // namespace engine::connectors::sqlite
