#include "compile/planned_columns.h"

#include <algorithm>
#include <set>
#include <utility>

#include "compile/id_rules.h"
#include "data/value.h"

namespace engine::compile {
namespace {

std::string quoted_name(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

/// What the target says of a column: from the catalog, or from the declared schema of a table to be
/// created.
void take_target_type(const BoundTable& table, Planned& column) {
  if (table.target_file) {
    for (const plan::FileColumn& named : table.target_file->columns) {
      if (named.name.text == column.name) column.wanted = named.type;
    }
  }
  if (table.target_info) {
    if (const connect::ColumnInfo* info = table.target_info->find(column.name)) {
      column.wanted = info->type;
      column.nullable = info->nullable;
    }
    return;
  }
  if (!table.create) return;
  for (const connect::CreateTable::Column& defined : table.create->columns) {
    if (defined.name != column.name) continue;
    column.wanted = defined.type;
    column.nullable = defined.nullable;
  }
}

bool target_knows(const BoundTable& table, const std::string& column) {
  if (table.target_info) return table.target_info->find(column) != nullptr;
  if (!table.create) return true;
  return std::any_of(table.create->columns.begin(), table.create->columns.end(),
                     [&](const auto& defined) { return defined.name == column; });
}

data::Schema target_columns(const BoundTable& table) {
  if (table.target_info) return schema_of(*table.target_info);
  data::Schema schema;
  if (table.create) {
    for (const auto& column : table.create->columns) {
      schema.fields.push_back({column.name, column.type, column.nullable});
    }
  }
  return schema;
}

std::vector<Planned> declared_columns(Binding& work, std::size_t at) {
  BoundTable& table = work.result.tables[at];
  std::vector<Planned> columns;
  for (const plan::ColumnRule& rule : table.spec->columns) {
    Planned column{rule.name.text, &rule, {}, nullptr, {}, true};
    if (rule.id) {
      // made from the source key, not from an expression
    } else if (rule.expr) {
      column.text = *rule.expr->text;
      column.syntax = rule.expr->syntax;
    } else {
      column.text = base::Located::made(quoted_name(rule.name.text), rule.name.span);
      column.syntax = expr::parse(column.text, work.diagnostics);
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

bool is_new(const Binding& work, std::size_t at, const std::string& column) {
  const auto known = work.surroundings.known_columns.find(work.result.tables[at].name);
  if (known == work.surroundings.known_columns.end()) return false;
  return std::find(known->second.begin(), known->second.end(), column) == known->second.end();
}

/// What `on_new_column` says of a column that the source did not have when the plan was applied.
bool take_along(Binding& work, std::size_t at, const std::string& column) {
  BoundTable& table = work.result.tables[at];
  const std::string what = "column '" + column + "'";
  switch (table.spec->on_new_column) {
    case plan::OnNewColumn::kAdd:
      table.notes.push_back(what + " is new at the source");
      return true;
    case plan::OnNewColumn::kIgnore:
      table.notes.push_back(what + " is new at the source and is ignored");
      std::erase(table.known_columns, column);
      return false;
    case plan::OnNewColumn::kError:
      break;
  }
  work.fail(at, "E318", table.spec->span,
            "source '" + table.source + "." + table.read.table + "' has a new " + what +
                ", which was not there when the plan was last applied",
            "name it under 'columns:', or write 'on_new_column: add' or 'ignore'");
  return false;
}

/// `"*": keep`: every source column that is neither the bare source of a rename nor a declared
/// name.
void add_kept_columns(Binding& work, std::size_t at, std::vector<Planned>& columns) {
  BoundTable& table = work.result.tables[at];
  if (table.spec->star == plan::Star::kDrop) return;
  std::set<std::string> taken;
  for (const Planned& column : columns) {
    taken.insert(column.name);
    if (column.syntax == nullptr) continue;
    const auto bare = expr::bare_column(*column.syntax);
    if (bare && *bare != column.name) taken.insert(*bare);
  }
  for (const data::Field& field : work.source_schemas[at].fields) {
    if (taken.contains(field.name)) continue;
    if (is_new(work, at, field.name) && !take_along(work, at, field.name)) continue;
    const connect::ColumnInfo* info =
        table.target_info ? table.target_info->find(field.name) : nullptr;
    if (info != nullptr && info->generated) {
      table.notes.push_back("column " + field.name + " is computed by the target");
      continue;
    }
    base::Located text = base::Located::made(quoted_name(field.name), table.spec->span);
    Planned column{field.name, nullptr, std::move(text), nullptr, {}, true};
    column.syntax = expr::parse(column.text, work.diagnostics);
    columns.push_back(std::move(column));
  }
}

Planned kept_column(Binding& work, const base::Located& name) {
  Planned column{name.text, nullptr, base::Located::made(quoted_name(name.text), name.span),
                 nullptr,   {},      true};
  column.syntax = expr::parse(column.text, work.diagnostics);
  return column;
}

/// The child's value before any remapping: what its rule says, else the source column of that name.
Planned value_before(Binding& work, const plan::Table& spec, const base::Located& name) {
  for (const plan::ColumnRule& rule : spec.columns) {
    if (rule.name.text != name.text || !rule.expr) continue;
    return {name.text, &rule, *rule.expr->text, rule.expr->syntax, {}, true};
  }
  return kept_column(work, name);
}

bool joins_a_key(const plan::Table& spec, const std::string& column) {
  return std::any_of(spec.references.begin(), spec.references.end(), [&](const auto& reference) {
    return reference.via && reference.into &&
           std::any_of(reference.columns.begin(), reference.columns.end(),
                       [&](const auto& name) { return name.text == column; });
  });
}

/// What went into a reference's one new column is the source of a rename: it is kept where the
/// target has a column for it.
void drop_joined_columns(const BoundTable& table, std::vector<Planned>& columns) {
  const bool known = table.target_info || table.create;
  std::erase_if(columns, [&](const Planned& column) {
    if (column.rule != nullptr || !joins_a_key(*table.spec, column.name)) return false;
    if (remap_into(*table.spec, column.name) != nullptr) return false;
    return !known || !target_knows(table, column.name);
  });
}

/// Columns that references fill with the new ids of their parents, whether or not the plan or the
/// source names them.
void remap_references(Binding& work, std::size_t at, std::vector<Planned>& columns) {
  const plan::Table& spec = *work.result.tables[at].spec;
  drop_joined_columns(work.result.tables[at], columns);
  for (const plan::Reference& reference : spec.references) {
    if (!reference.via) continue;
    const base::Located& name = reference_column(reference);
    auto column = std::find_if(columns.begin(), columns.end(),
                               [&](const Planned& known) { return known.name == name.text; });
    if (column == columns.end()) {
      columns.push_back({name.text, nullptr, {}, nullptr, {}, true});
      column = columns.end() - 1;
    }
    column->remap = &reference;
    column->syntax = nullptr;
    for (const base::Located& part : reference.columns) {
      column->key.push_back(value_before(work, spec, part));
    }
  }
}

/// Names in an expression that the source does not have, found before anything is bound so that the
/// suggestion is made among all columns.
}  // namespace

base::Span place_of(const Planned& column, const plan::Table& table) {
  if (column.rule != nullptr) return column.rule->name.span;
  return column.remap != nullptr ? column.remap->span : table.span;
}

bool check_target_column(Binding& work, std::size_t at, const Planned& column) {
  const BoundTable& table = work.result.tables[at];
  if (!target_knows(table, column.name)) {
    const std::string drop =
        column.rule == nullptr ? "; leave it out with '\"*\": drop', or add it to the target" : "";
    work.fail(at, "E302", place_of(column, *table.spec),
              "target '" + table.target_name() + "' has no column '" + column.name + "'",
              near_field(column.name, target_columns(table)) + drop);
    return false;
  }
  if (!table.target_info) return true;
  const connect::ColumnInfo* info = table.target_info->find(column.name);
  if (info != nullptr && info->generated) {
    work.fail(at, "E304", place_of(column, *table.spec),
              "column '" + column.name + "' of '" + table.target_name() +
                  "' is computed by the target and cannot be written",
              "leave it out of 'columns:'");
    return false;
  }
  return true;
}

std::vector<Planned> planned_columns(Binding& work, std::size_t at) {
  std::vector<Planned> columns = declared_columns(work, at);
  for (const data::Field& field : work.source_schemas[at].fields) {
    work.result.tables[at].known_columns.push_back(field.name);
  }
  add_kept_columns(work, at, columns);
  remap_references(work, at, columns);
  for (Planned& column : columns) take_target_type(work.result.tables[at], column);
  return columns;
}

}  // namespace engine::compile
