#include <algorithm>
#include <set>
#include <utility>

#include "property/support/schema_world.h"

namespace engine::testing {
namespace {

Literals key_of(const SchemaTable& table, const Literals& row) {
  return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(table.keys)};
}

std::set<Literals> keys_of(const SchemaTable& table) {
  std::set<Literals> out;
  for (const Literals& row : table.rows) out.insert(key_of(table, row));
  return out;
}

/// A whole number as a text holds it.
std::string in_quotes(const std::string& number) {
  return "'" + number + "'";
}

std::string names_of(const SchemaTable& table) {
  std::string out;
  for (const SchemaColumn& column : table.columns) {
    out += (out.empty() ? "" : ", ") + sql_name(column.name);
  }
  return out;
}

std::string insert_sql(const SchemaTable& table, const std::vector<Literals>& rows) {
  std::string out;
  for (const Literals& row : rows) {
    out += "INSERT INTO " + sql_name(table.name) + " (" + names_of(table) + ") VALUES (";
    for (std::size_t i = 0; i < row.size(); ++i) out += (i == 0 ? "" : ", ") + row[i];
    out += ");\n";
  }
  return out;
}

}  // namespace

void SchemaWorld::fill() {
  for (SchemaTable& table : tables_) fill_keys(table);
  for (SchemaTable& table : tables_) {
    for (Literals& row : table.rows) set_references(table, row);
    add_twins(table);
    if (values_.chance(30)) continue;
    for (const Literals& row : table.rows) {
      if (values_.chance(50)) table.before.push_back(row);
      if (values_.chance(50)) continue;
      table.before.push_back(make_row(table, key_of(table, row)));
      set_references(table, table.before.back());
    }
    for (std::size_t i = values_.below(8); i > 0; --i) {
      const Literals key = fresh_key(table);
      if (key.empty()) continue;
      table.before.push_back(make_row(table, key));
      set_references(table, table.before.back());
    }
  }
}

void SchemaWorld::fill_keys(SchemaTable& table) {
  std::set<Literals> there;
  for (std::size_t i = values_.chance(8) ? 0 : values_.below(30); i > 0; --i) {
    const Literals key = fresh_key(table);
    if (!key.empty() && there.insert(key).second) table.rows.push_back(make_row(table, key));
  }
}

std::string SchemaWorld::key_value(ValueKind kind) {
  if (kind == ValueKind::kReal) return std::to_string(values_.below(200)) + ".5";
  return values_.key_literal(kind);
}

Literals SchemaWorld::fresh_key(const SchemaTable& table) {
  if (table.is_link) return link_key(table);
  Literals key;
  for (std::size_t i = 0; i < table.keys; ++i) key.push_back(key_value(table.columns[i].kind));
  return key;
}

Literals SchemaWorld::link_key(const SchemaTable& table) {
  Literals key;
  for (const SchemaReference& reference : table.references) {
    if (!reference.in_key) continue;
    const SchemaTable& parent = tables_[reference.parent];
    std::string value = parent_key(reference)[0];
    if (value == "NULL" && parent.rows.empty()) return {};
    if (value == "NULL") value = parent.rows[values_.below(parent.rows.size())][0];
    key.push_back(value);
  }
  return key;
}

Literals SchemaWorld::make_row(const SchemaTable& table, const Literals& key) {
  Literals row(table.columns.size(), "NULL");
  std::copy(key.begin(), key.end(), row.begin());
  if (!values_.chance(10)) row[table.column("n")] = std::to_string(values_.below(1000));
  if (!values_.chance(15)) row[table.column("t")] = values_.literal(ValueKind::kText);
  return row;
}

void SchemaWorld::set_references(const SchemaTable& table, Literals& row) {
  for (const SchemaReference& reference : table.references) {
    if (reference.in_key) continue;
    const Literals key = parent_key(reference);
    for (std::size_t i = 0; i < key.size(); ++i) {
      row[table.column(reference.columns[i])] = key[i];
    }
  }
}

/// Mostly a row that is there; nobody; part of a key; and now and then one that is not there.
Literals SchemaWorld::parent_key(const SchemaReference& reference) {
  const SchemaTable& parent = tables_[reference.parent];
  Literals key(parent.keys, "NULL");
  const bool strict = reference.on_orphan == Orphan::kFail;
  const bool stray = strict ? in_trouble(Trouble::kOrphans, 3) : values_.chance(15);
  const bool former = !strict && !parent.before.empty() && values_.chance(15);
  const std::vector<Literals>& among = former ? parent.before : parent.rows;
  if (stray) {
    key = fresh_key(parent);
  } else if (!among.empty() && !values_.chance(15)) {
    key = key_of(parent, among[values_.below(among.size())]);
  }
  if (key.size() > 1 && values_.chance(8)) key[values_.below(key.size())] = "NULL";
  if (!reference.digits || key[0] == "NULL") return key;
  if (stray && values_.chance(30)) return {"'nobody'"};
  return {in_quotes(key[0])};
}

void SchemaWorld::add_twins(SchemaTable& table) {
  table.twins.clear();
  if (table.rows.empty()) return;
  const auto any = [&]() -> const Literals& {
    return table.rows[values_.below(table.rows.size())];
  };
  std::size_t count = values_.below(4);
  if (!table.merge.keyless && !table.merge.dedupe) count = in_trouble(Trouble::kTwins, 25) ? 1 : 0;
  for (; count > 0; --count) {
    if (values_.chance(20)) {
      table.twins.push_back(any());
      continue;
    }
    const Literals& row = any();
    Literals twin = make_row(table, key_of(table, row));
    set_references(table, twin);
    if (in_trouble(Trouble::kTwins, 20)) twin[table.column("n")] = row[table.column("n")];
    table.twins.push_back(std::move(twin));
  }
  if (table.merge.keyless || !in_trouble(Trouble::kNullKeys, 20)) return;
  Literals none = any();
  none[values_.below(table.keys)] = "NULL";
  table.twins.push_back(none);
}

/// No row must be missed that others may not lose.
bool SchemaWorld::may_go(std::size_t number) const {
  return std::none_of(tables_.begin(), tables_.end(), [&](const SchemaTable& table) {
    return std::any_of(table.references.begin(), table.references.end(), [&](const auto& one) {
      return one.parent == number && one.on_orphan == Orphan::kFail;
    });
  });
}

void SchemaWorld::change() {
  trouble_ = any_trouble(30);
  for (std::size_t number = 0; number < tables_.size(); ++number) {
    SchemaTable& table = tables_[number];
    if (may_go(number) || in_trouble(Trouble::kOrphans, 15)) {
      std::erase_if(table.rows, [&](const Literals&) { return values_.chance(12); });
    }
    std::set<Literals> there = keys_of(table);
    for (std::size_t i = values_.below(5); i > 0; --i) {
      const Literals key = fresh_key(table);
      if (!key.empty() && there.insert(key).second) table.rows.push_back(make_row(table, key));
    }
  }
  for (SchemaTable& table : tables_) {
    for (Literals& row : table.rows) {
      if (!values_.chance(25)) continue;
      row = make_row(table, key_of(table, row));
      set_references(table, row);
    }
    add_twins(table);
  }
}

std::string SchemaWorld::source_rows() const {
  std::string out = "BEGIN;\n";
  for (const SchemaTable& table : tables_) {
    out += "DELETE FROM " + sql_name(table.name) + ";\n";
    out += insert_sql(table, table.rows) + insert_sql(table, table.twins);
  }
  return out + "COMMIT;\n";
}

std::string SchemaWorld::former_rows() const {
  std::string out = "BEGIN;\n";
  for (const SchemaTable& table : tables_) out += insert_sql(table, table.before);
  return out + "COMMIT;\n";
}

}  // namespace engine::testing
