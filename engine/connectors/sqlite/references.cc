#include "connectors/sqlite/references.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "connectors/sqlite/row_access.h"
#include "connectors/sqlite/value_table.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;
using Positions = std::vector<std::size_t>;

bool any_null(const std::vector<Stored>& row, const Positions& at) {
  return std::any_of(at.begin(), at.end(), [&](std::size_t position) {
    return row[position].storage == Stored::Class::kNull;
  });
}

bool same(const std::vector<Stored>& a, const std::vector<Stored>& b, const Positions& at) {
  return std::all_of(at.begin(), at.end(),
                     [&](std::size_t position) { return a[position] == b[position]; });
}

void bind_at(Statement& statement, const std::vector<Stored>& row, const Positions& at) {
  int parameter = 0;
  for (const std::size_t position : at) bind_stored(statement, ++parameter, row[position]);
}

std::string list_of(const std::string& table, const std::vector<std::string>& columns) {
  std::string out;
  for (const auto& column : columns) {
    out += (out.empty() ? "" : ", ") + table + "." + quoted_name(column);
  }
  return out;
}

std::string not_null_text(const std::string& table, const std::vector<std::string>& columns) {
  std::string out;
  for (const auto& column : columns) {
    out += (out.empty() ? "" : " AND ") + table + "." + quoted_name(column) + " IS NOT NULL";
  }
  return out;
}

std::vector<Stored> current_row(const Statement& statement) {
  std::vector<Stored> out;
  for (int i = 0; i < statement.columns(); ++i) out.push_back(stored_value(statement.value(i)));
  return out;
}

[[noreturn]] void throw_orphan(const std::string& child, const connect::ForeignKeyInfo& key,
                               const std::string& parent, const std::vector<Stored>& value) {
  throw Error(Fault::kData, "E414",
              fmt::format("table {}: {} references {}, which has no such row", base::quoted(child),
                          key_text(key.columns, value), base::quoted(parent)),
              "nothing was written; load the parents first, or correct the rows");
}

}  // namespace

/// A foreign key of a table that rows are written to.
struct ReferenceGuard::Child {
  std::string table;
  connect::ForeignKeyInfo key;
  Positions at;
  bool all_rows = false;
  Statement probe;                ///< is there such a parent?
  std::set<std::string> pending;  ///< values whose parent was not there yet, in wire form
};

/// A foreign key of another table on a table that rows vanish from.
struct ReferenceGuard::Parent {
  std::string table;
  connect::ForeignKeyInfo key;  ///< `to` is the child
  Positions at;
  std::string gone;  ///< a temporary table of the values that vanished; empty until the first
  Statement insert;
};

ReferenceGuard::ReferenceGuard(Database& database, std::vector<std::string> unit)
    : database_(database), unit_(std::move(unit)) {}

ReferenceGuard::~ReferenceGuard() = default;

void ReferenceGuard::enter(const TableShape& shape, const std::vector<std::string>& row_columns,
                           bool all_rows) {
  first_child_ = children_.size();
  first_parent_ = parents_.size();
  for (const auto& key : shape.info.foreign_keys) add_child(shape, key, row_columns, all_rows);
  for (const auto& key : shape.info.referenced_by) add_parent(shape, key, row_columns);
}

void ReferenceGuard::add_child(const TableShape& shape, const connect::ForeignKeyInfo& key,
                               const std::vector<std::string>& row_columns, bool all_rows) {
  const auto parent = load_shape(database_, key.to);
  const Positions at = positions_of(key.columns, row_columns);
  if (!parent || at.empty() || key.fields.size() != key.columns.size()) return;
  if (!is_unique(parent->info, key.fields)) return;
  auto child = std::make_unique<Child>();
  child->table = shape.info.name;
  child->key = key;
  child->at = at;
  child->all_rows = all_rows;
  std::string condition;
  for (const auto& field : key.fields) {
    condition += (condition.empty() ? "" : " AND ") + quoted_name(field) + " = ?";
  }
  child->probe = database_.prepare("SELECT 1 FROM " + quoted_name(key.to) + " WHERE " + condition);
  children_.push_back(std::move(child));
}

void ReferenceGuard::add_parent(const TableShape& shape, const connect::ForeignKeyInfo& key,
                                const std::vector<std::string>& row_columns) {
  const Positions at = positions_of(key.fields, row_columns);
  if (at.empty() || key.fields.size() != key.columns.size()) return;
  if (!is_unique(shape.info, key.fields)) return;
  auto parent = std::make_unique<Parent>();
  parent->table = shape.info.name;
  parent->key = key;
  parent->at = at;
  parents_.push_back(std::move(parent));
}

void ReferenceGuard::written(const std::vector<Stored>* before, const std::vector<Stored>& after) {
  for (std::size_t i = first_child_; i < children_.size(); ++i) {
    Child& child = *children_[i];
    if (child.all_rows || any_null(after, child.at)) continue;
    if (before != nullptr && same(*before, after, child.at)) continue;
    bind_at(child.probe, after, child.at);
    const bool found = child.probe.step();
    child.probe.reset();
    if (found) continue;
    std::string value;
    for (const std::size_t position : child.at) append_wire(value, after[position]);
    child.pending.insert(std::move(value));
  }
  if (before == nullptr) return;
  for (std::size_t i = first_parent_; i < parents_.size(); ++i) {
    if (!same(*before, after, parents_[i]->at)) gone(*before);
  }
}

void ReferenceGuard::gone(const std::vector<Stored>& before) {
  for (std::size_t i = first_parent_; i < parents_.size(); ++i) {
    Parent& parent = *parents_[i];
    if (any_null(before, parent.at)) continue;
    if (parent.gone.empty()) {
      parent.gone = make_value_table(database_, "gone", i, parent.at.size());
      parent.insert = insert_into_value_table(database_, parent.gone, parent.at.size());
    }
    bind_at(parent.insert, before, parent.at);
    parent.insert.run();
  }
}

void ReferenceGuard::check() {
  for (auto& child : children_) check_child(*child);
  for (auto& parent : parents_) check_parent(*parent);
}

void ReferenceGuard::check_child(Child& child) {
  if (child.all_rows) {
    auto orphans = database_.prepare(fmt::format(
        "SELECT {} FROM {} c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} p WHERE {}) LIMIT 1",
        list_of("c", child.key.columns), quoted_name(child.table),
        not_null_text("c", child.key.columns), quoted_name(child.key.to),
        join_text("p", child.key.fields, "c", child.key.columns)));
    if (orphans.step()) throw_orphan(child.table, child.key, child.key.to, current_row(orphans));
  }
  Positions all(child.at.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  for (const auto& wire : child.pending) {
    const auto value = parse_wire(wire);
    bind_at(child.probe, value, all);
    const bool found = child.probe.step();
    child.probe.reset();
    if (!found) throw_orphan(child.table, child.key, child.key.to, value);
  }
}

void ReferenceGuard::check_parent(Parent& parent) {
  if (parent.gone.empty()) return;
  const auto& key = parent.key;
  // The child is scanned once whatever indexes it has; CROSS JOIN keeps the planner to that.
  auto left = database_.prepare(fmt::format(
      "SELECT {} FROM {} c CROSS JOIN {} g ON {} WHERE NOT EXISTS (SELECT 1 FROM {} p WHERE {})"
      " LIMIT 1",
      list_of("c", key.columns), quoted_name(key.to), parent.gone,
      join_text("g", value_table_columns(key.columns.size()), "c", key.columns),
      quoted_name(parent.table), join_text("p", key.fields, "c", key.columns)));
  if (!left.step()) return;
  const auto value = current_row(left);
  const bool outside = std::find(unit_.begin(), unit_.end(), key.to) == unit_.end();
  if (!outside) throw_orphan(key.to, key, parent.table, value);
  throw Error(Fault::kData, "E417",
              fmt::format("table {}: a delete would {} {} ({}), which is not part of the plan",
                          base::quoted(parent.table),
                          key.cascades ? "change rows of" : "leave rows without a parent in",
                          base::quoted(key.to), key_text(key.columns, value)),
              "nothing was written; add that table to the plan, or remove its rows first");
}

}  // namespace engine::connectors::sqlite
