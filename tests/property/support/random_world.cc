#include "property/support/random_world.h"

#include <algorithm>

#include "process/support/contents.h"
#include "property/support/world_merge.h"

namespace engine::testing {
namespace {

/// In double quotes of YAML.
std::string yaml(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string key_of(const WorldTable& table, const Row& row) {
  std::string out;
  for (std::size_t i = 0; i < table.keys; ++i) out += row[i] + ",";
  return out;
}

std::string yaml_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + yaml(name);
  return "[" + out + "]";
}

std::string insert_sql(const WorldTable& table, const Row& row) {
  std::string values;
  for (const std::string& value : row) values += (values.empty() ? "" : ", ") + value;
  return "INSERT INTO " + sql_name(table.name) + " (" + column_list(column_names(table)) +
         ") VALUES (" + values + ");\n";
}

std::string key_condition(const WorldTable& table, const Row& row) {
  std::string out;
  for (std::size_t i = 0; i < table.keys; ++i) {
    out += (out.empty() ? "" : " AND ") + sql_name(table.columns[i].name) + " = " + row[i];
  }
  return out;
}

}  // namespace

std::vector<std::string> WorldTable::key_names() const {
  std::vector<std::string> names = column_names(*this);
  names.resize(keys);
  return names;
}

RandomWorld::RandomWorld(std::uint64_t seed) : values_(seed) {
  has_target_ = !values_.chance(8);
  target_wal_ = values_.chance(20);
  source_wal_ = values_.chance(20);
  atomic_plan_ = values_.chance(60);
  workers_ = 1 + values_.below(4);
  const std::size_t count = 1 + values_.below(4);
  for (std::size_t number = 0; number < count; ++number) tables_.push_back(make_table(number));
  for (std::size_t number = 0; number < count; ++number) choose_mode(number);
  for (std::size_t number = 0; number < count; ++number) {
    if (!tables_[number].is_parent && values_.chance(40)) {
      tables_[number].where = make_filter(tables_[number]);
    }
    fill(tables_[number], number);
    if (tables_[number].in_target) fill_target(tables_[number], number);
  }
}

WorldTable RandomWorld::make_table(std::size_t number) {
  static const std::vector<std::string> names = {"plain",
                                                 "order",
                                                 "a b",
                                                 "Gr\xc3\xb6\xc3\x9f"
                                                 "e",
                                                 "we\"ird",
                                                 "x'y"};
  static const std::vector<ValueKind> key_kinds = {
      ValueKind::kInteger, ValueKind::kInteger, ValueKind::kText,       ValueKind::kText,
      ValueKind::kBytes,   ValueKind::kReal,    ValueKind::kDecimalText};
  static const std::vector<ValueKind> kinds = {
      ValueKind::kInteger, ValueKind::kReal,    ValueKind::kText,        ValueKind::kBytes,
      ValueKind::kBool,    ValueKind::kDecimal, ValueKind::kDecimalText, ValueKind::kStamp};
  WorldTable table;
  table.name = values_.one_of(names) + std::to_string(number);
  table.in_target = has_target_ && values_.chance(85);
  table.keys = values_.chance(60) ? 1 : 2 + values_.below(2);
  table.index = static_cast<KeyIndex>(values_.below(4));
  table.extra_column = table.in_target && values_.chance(30);
  const std::size_t count = table.keys + values_.below(6);
  for (std::size_t i = 0; i < count; ++i) {
    WorldColumn column;
    column.name = values_.one_of(names) + std::to_string(i);
    column.kind = values_.one_of(i < table.keys ? key_kinds : kinds);
    const bool stays = table.in_target || column.kind != ValueKind::kDecimal;
    if (!stays || column.kind == ValueKind::kStamp) {
      column.kind = table.in_target ? column.kind : ValueKind::kText;
    }
    column.declared = values_.declared(column.kind);
    column.nullable = i >= table.keys && values_.chance(75);
    table.columns.push_back(std::move(column));
  }
  add_references(table, number);
  return table;
}

/// A row of the target refers to the table by a foreign key: its rows must not go.
bool RandomWorld::is_held(std::size_t number) const {
  return std::any_of(tables_.begin(), tables_.end(), [&](const WorldTable& table) {
    return table.foreign_keys &&
           std::any_of(table.columns.begin(), table.columns.end(),
                       [&](const WorldColumn& column) { return column.parent == number; });
  });
}

/// Parents keep every row that a child may refer to.
void RandomWorld::choose_mode(std::size_t number) {
  WorldTable& table = tables_[number];
  std::vector<Mode> modes = {Mode::kUpsert, Mode::kUpsert, Mode::kInsert, Mode::kKeep};
  if (table.in_target) modes.insert(modes.end(), {Mode::kSoft, Mode::kSoft});
  if (!is_held(number)) modes.insert(modes.end(), {Mode::kMirror, Mode::kReplace});
  if (!table.is_parent) {
    modes.insert(modes.end(), {Mode::kUpdate, Mode::kMirror});
    if (table.index != KeyIndex::kWithoutRowid) modes.push_back(Mode::kBare);
    if (table.index == KeyIndex::kNone) modes.insert(modes.end(), {Mode::kAppend, Mode::kAppend});
  }
  if (table.columns.size() > table.keys) {
    table.chosen = table.keys + values_.below(table.columns.size() - table.keys);
    const ValueKind kind = table.columns[table.chosen].kind;
    modes.push_back(Mode::kColumns);
    if (kind == ValueKind::kInteger || kind == ValueKind::kBool) modes.push_back(Mode::kNewest);
  }
  table.mode = values_.one_of(modes);
  const bool may_delete = table.mode == Mode::kUpsert || table.mode == Mode::kUpdate ||
                          table.mode == Mode::kMirror || table.mode == Mode::kSoft ||
                          table.mode == Mode::kNewest;
  if (may_delete && !table.is_parent && values_.chance(40)) table.deleted_when = make_filter(table);
}

void RandomWorld::add_references(WorldTable& table, std::size_t number) {
  for (std::size_t parent = 0; parent <= number; ++parent) {
    WorldTable& to = parent == number ? table : tables_[parent];
    if (to.keys != 1 || !values_.chance(35)) continue;
    WorldColumn column = to.columns[0];
    column.name = "ref" + std::to_string(parent);
    column.nullable = true;
    column.parent = parent;
    to.is_parent = true;
    table.columns.push_back(std::move(column));
    const bool unique = to.index != KeyIndex::kNone && to.in_target;
    table.foreign_keys = table.foreign_keys || (unique && table.in_target && values_.chance(50));
  }
}

void RandomWorld::fill(WorldTable& table, std::size_t number) {
  const std::size_t count = values_.chance(10) ? 0 : values_.below(60);
  for (std::size_t i = 0; i < count; ++i) {
    Row row = make_row(table, number, false);
    table.source_rows.emplace(key_of(table, row), std::move(row));
  }
}

// Keys first, so that references within the table find them.
void RandomWorld::fill_target(WorldTable& table, std::size_t number) {
  if (values_.chance(20)) return;
  for (const auto& [key, row] : table.source_rows) {
    if (values_.chance(60)) table.target_rows.emplace(key, row);
  }
  for (std::size_t i = values_.below(15); i > 0; --i) {
    Row row = make_row(table, number, true);
    table.target_rows.emplace(key_of(table, row), std::move(row));
  }
  for (auto& [key, row] : table.target_rows) {
    if (values_.chance(50) && stands_alone(table, row)) continue;
    Row other = make_row(table, number, true);
    std::copy(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.keys), other.begin());
    row = std::move(other);
  }
}

/// The row's parents are in the target already: undoing the run leaves it no orphan.
bool RandomWorld::stands_alone(const WorldTable& table, const Row& row) const {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].parent || row[i] == "NULL") continue;
    const WorldTable& parent = tables_[*table.columns[i].parent];
    if (!parent.target_rows.contains(row[i] + ",")) return false;
  }
  return true;
}

Row RandomWorld::make_row(const WorldTable& table, std::size_t number, bool for_target) {
  Row row;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const WorldColumn& column = table.columns[i];
    if (column.parent) {
      const bool self = *column.parent == number;
      row.push_back(reference_value(self ? table : tables_[*column.parent], for_target));
    } else if (i < table.keys) {
      row.push_back(values_.key_literal(column.kind));
    } else {
      row.push_back(column.nullable && values_.chance(20) ? "NULL" : values_.literal(column.kind));
    }
  }
  return row;
}

std::string RandomWorld::reference_value(const WorldTable& parent, bool for_target) {
  const auto& rows = for_target ? parent.target_rows : parent.source_rows;
  if (rows.empty() || values_.chance(20)) return "NULL";

  auto row = rows.begin();
  std::advance(row, static_cast<std::ptrdiff_t>(values_.below(rows.size())));
  return row->second[0];
}

std::string RandomWorld::make_filter(const WorldTable& table) {
  const WorldColumn& column = values_.one_of(table.columns);
  const std::string name = sql_name(column.name);
  const std::string number = std::to_string(values_.below(100));
  switch (column.kind) {
    case ValueKind::kInteger:
      return values_.one_of<std::string>({name + " >= " + number,
                                          name + " is null or " + name + " < " + number,
                                          "not (" + name + " between -5 and " + number + ")"});
    case ValueKind::kReal:
      return name + " > " + number + ".5 or " + name + " is null";
    case ValueKind::kText:
      return values_.one_of<std::string>(
          {name + " <> 'abc'", name + " in ('', 'a', 'k1', 'k2')", name + " >= 'b'"});
    case ValueKind::kBool:
      return name;
    default:
      return name + " is not null";
  }
}

std::string RandomWorld::create_sql(const WorldTable& table, bool at_target) const {
  std::string body;
  const bool alias = table.keys == 1 && table.columns[0].declared == "INTEGER" &&
                     table.index == KeyIndex::kPrimary;
  for (const WorldColumn& column : table.columns) {
    body += (body.empty() ? "" : ", ") + sql_name(column.name) + " " + column.declared;
    if (!column.nullable) body += " NOT NULL";
    if (alias && body.find(',') == std::string::npos) body += " PRIMARY KEY";
  }
  if (at_target && table.extra_column) body += ", extra TEXT DEFAULT 'd'";
  if (at_target && table.mode == Mode::kSoft) body += std::string(", ") + kDeletedAt + " TIMESTAMP";
  const std::string key = column_list(table.key_names());
  const bool primary = table.index == KeyIndex::kPrimary || table.index == KeyIndex::kWithoutRowid;
  if (primary && !alias) body += ", PRIMARY KEY (" + key + ")";
  if (table.index == KeyIndex::kUnique) body += ", UNIQUE (" + key + ")";
  for (const WorldColumn& column : table.columns) {
    if (!at_target || !table.foreign_keys || !column.parent) continue;
    const WorldTable& parent = tables_[*column.parent];
    if (parent.index == KeyIndex::kNone || !parent.in_target) continue;
    body += ", FOREIGN KEY (" + sql_name(column.name) + ") REFERENCES " + sql_name(parent.name) +
            " (" + sql_name(parent.columns[0].name) + ")";
  }
  return "CREATE TABLE " + sql_name(table.name) + " (" + body + ")" +
         (table.index == KeyIndex::kWithoutRowid ? " WITHOUT ROWID" : "") + ";\n";
}

std::string RandomWorld::source_sql() const {
  std::string out = source_wal_ ? "PRAGMA journal_mode=WAL;\n" : "";
  out += "BEGIN;\n";
  for (const WorldTable& table : tables_) {
    out += create_sql(table, false);
    for (const auto& [key, row] : table.source_rows) out += insert_sql(table, row);
  }
  return out + "COMMIT;\n";
}

std::string RandomWorld::target_sql() const {
  std::string out = target_wal_ ? "PRAGMA journal_mode=WAL;\n" : "";
  out +=
      "BEGIN;\nCREATE TABLE bystander (id INTEGER PRIMARY KEY, note);\n"
      "INSERT INTO bystander VALUES (1, 'not of the plan');\n";
  for (const WorldTable& table : tables_) {
    if (!table.in_target) continue;
    out += create_sql(table, true);
    for (const auto& [key, row] : table.target_rows) out += insert_sql(table, row);
    if (table.mode != Mode::kSoft) continue;
    out += "UPDATE " + sql_name(table.name) + " SET " + kDeletedAt +
           " = '2020-01-01T00:00:00Z' WHERE length(quote(" + sql_name(table.columns[0].name) +
           ")) % 3 = 0;\n";
  }
  return out + "COMMIT;\n";
}

std::map<std::string, std::vector<std::string>> RandomWorld::keys() const {
  std::map<std::string, std::vector<std::string>> out;
  for (const WorldTable& table : tables_) {
    if (table.has_key()) out.emplace(table.name, table.key_names());
  }
  return out;
}

std::string RandomWorld::plan() const {
  std::string out =
      "version: 1\nname: random\n"
      "connections: {from: {type: sqlite, path: source.db}, into: {type: sqlite, path: "
      "target.db}}\n"
      "run: {atomic: " +
      std::string(atomic_plan_ ? "plan" : "table") + ", workers: " + std::to_string(workers_) +
      "}\ndefaults: {source: from, target: into}\ntables:\n";
  for (const WorldTable& table : tables_) {
    out += "  " + yaml(table.name) + ":\n";
    if (table.has_key()) out += "    key: " + yaml_list(table.key_names()) + "\n";
    if (!table.where.empty()) {
      out += "    from: {table: " + yaml(table.name) + ", where: " + yaml(table.where) + "}\n";
    }
    if (!table.in_target) out += "    create: if_missing\n";
    out += merge_option(table);
    std::string references;
    for (const WorldColumn& column : table.columns) {
      if (!column.parent) continue;
      references += (references.empty() ? "" : ", ") + yaml(column.name) + ": " +
                    yaml(tables_[*column.parent].name);
    }
    if (!references.empty()) out += "    references: {" + references + "}\n";
    if (!table.has_key() || table.mode == Mode::kUpdate) continue;
    out += "    checks: [{primary_key: " + yaml_list(table.key_names()) +
           "}, {row_count_match: {with: source}}]\n";
  }
  return out;
}

std::string RandomWorld::oracle_preparation() const {
  std::string out;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    const WorldTable& table = tables_[i];
    if (!table.in_target) out += create_sql(table, false);
    if (table.index != KeyIndex::kNone || !table.has_key()) continue;
    out += "CREATE UNIQUE INDEX oracle" + std::to_string(i) + " ON " + sql_name(table.name) + " (" +
           column_list(table.key_names()) + ");\n";
  }
  return out;
}

std::string RandomWorld::oracle_sql() const {
  std::string out;
  for (const WorldTable& table : tables_) out += merge_sql(table);
  return out;
}

bool RandomWorld::appends() const {
  return std::any_of(tables_.begin(), tables_.end(),
                     [](const WorldTable& table) { return table.mode == Mode::kAppend; });
}

bool RandomWorld::can_be_undone_in_any_order() const {
  return has_target_ && std::all_of(tables_.begin(), tables_.end(), [](const WorldTable& table) {
           return table.in_target && table.has_key() && table.index != KeyIndex::kNone &&
                  !table.foreign_keys;
         });
}

std::vector<std::string> RandomWorld::soft_tables() const {
  std::vector<std::string> names;
  for (const WorldTable& table : tables_) {
    if (table.mode == Mode::kSoft) names.push_back(table.name);
  }
  return names;
}

std::string RandomWorld::update_sql(const WorldTable& table, std::size_t number,
                                    const std::string& key) {
  const Row fresh = make_row(table, number, false);
  const Row& old =
      table.source_rows.contains(key) ? table.source_rows.at(key) : table.target_rows.at(key);
  if (table.keys == table.columns.size()) return {};
  const std::size_t at = table.keys + values_.below(table.columns.size() - table.keys);
  return "UPDATE " + sql_name(table.name) + " SET " + sql_name(table.columns[at].name) + " = " +
         fresh[at] + " WHERE " + key_condition(table, old) + ";\n";
}

std::string RandomWorld::change_source_sql() {
  std::string out = "BEGIN;\n";
  for (std::size_t number = 0; number < tables_.size(); ++number) {
    WorldTable& table = tables_[number];
    std::vector<std::string> keys;
    for (const auto& [key, row] : table.source_rows) keys.push_back(key);
    for (const std::string& key : keys) {
      if (values_.chance(15)) out += update_sql(table, number, key);
      if (!values_.chance(7) || table.is_parent) continue;
      out += "DELETE FROM " + sql_name(table.name) + " WHERE " +
             key_condition(table, table.source_rows.at(key)) + ";\n";
    }
    for (std::size_t i = values_.below(5); i > 0; --i) {
      const Row row = make_row(table, number, false);
      if (!table.source_rows.emplace(key_of(table, row), row).second) continue;
      out += insert_sql(table, row);
    }
  }
  return out + "COMMIT;\n";
}

std::string RandomWorld::edit_target_sql() {
  std::string out = "BEGIN;\n";
  for (std::size_t number = 0; number < tables_.size(); ++number) {
    const WorldTable& table = tables_[number];
    if (table.foreign_keys || table.is_parent || !table.has_key()) continue;
    for (const auto& [key, row] : table.source_rows) {
      if (values_.chance(20)) out += update_sql(table, number, key);
      if (!values_.chance(8)) continue;
      out += "DELETE FROM " + sql_name(table.name) + " WHERE " + key_condition(table, row) + ";\n";
    }
    for (std::size_t i = values_.below(4); i > 0; --i) {
      const Row row = make_row(table, number, false);
      if (table.source_rows.contains(key_of(table, row))) continue;
      if (table.target_rows.contains(key_of(table, row))) continue;
      out += "INSERT OR IGNORE" + insert_sql(table, row).substr(6);
    }
  }
  return out + "COMMIT;\n";
}

}  // namespace engine::testing
