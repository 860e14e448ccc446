#include "connectors/sqlite/held_rows.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "connectors/sqlite/value_table.h"

namespace engine::connectors::sqlite {
namespace {

using connect::Op;
using connect::UndoRecord;

std::vector<std::string> quoted_names(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& name : names) out.push_back(quoted_name(name));
  return out;
}

/// "a = ? AND b = ?"
std::string equal_marks(const std::vector<std::string>& names) {
  return base::join(quoted_names(names), " = ? AND ") + " = ?";
}

void bind_all(Statement& statement, const std::vector<Stored>& values) {
  int parameter = 0;
  for (const auto& value : values) bind_stored(statement, ++parameter, value);
}

std::vector<Stored> values_of(const Statement& statement) {
  std::vector<Stored> out;
  for (int i = 0; i < statement.columns(); ++i) out.push_back(stored_value(statement.value(i)));
  return out;
}

/// Undoing the update gives the row other parents.
bool refers_elsewhere(const TableShape& shape, const RowUndo& rows, const UndoRecord& record) {
  const auto columns = stored_columns(shape);
  const auto before = parse_wire(record.before);
  const auto differs = [&](std::size_t at) { return !(rows.current()[at] == before[at]); };
  return std::any_of(shape.info.foreign_keys.begin(), shape.info.foreign_keys.end(),
                     [&](const auto& key) {
                       const auto at = positions_of(key.columns, columns);
                       return std::any_of(at.begin(), at.end(), differs);
                     });
}

}  // namespace

/// A foreign key on the table at hand, with the values that would vanish.
struct HeldRows::Referrer {
  connect::ForeignKeyInfo key;  ///< `to` is the child
  std::vector<std::size_t> at;  ///< the fields' places in a row
  std::string candidates;       ///< value table
  Statement insert;
  std::set<std::string> held;  ///< values that a row of others refers to, in wire form
};

struct HeldRows::Table {
  std::size_t number = 0;
  const TableShape* shape = nullptr;  ///< nullptr: not entered
  bool follows = false;               ///< `going` is filled before its rows are gone
  std::vector<Referrer> referrers;
  std::string going;  ///< value table of the keys of rows that hold nobody; empty until the first
  std::vector<std::string> going_columns;
  Statement going_insert;
};

HeldRows::HeldRows(Database& database, std::size_t tables) : database_(database) {
  tables_.resize(tables);
  for (std::size_t i = 0; i < tables; ++i) tables_[i].number = i;
}

HeldRows::~HeldRows() = default;

void HeldRows::enter(std::size_t number, const TableShape& shape, bool inserted, bool first) {
  Table& table = tables_[number];
  table.shape = &shape;
  table.follows = first && !shape.info.foreign_keys.empty();
  if (!inserted) return;
  const auto columns = stored_columns(shape);
  for (const auto& key : shape.info.referenced_by) {
    if (!is_unique(shape.info, key.fields) || key.fields.size() != key.columns.size()) continue;
    Referrer referrer;
    referrer.key = key;
    referrer.at = positions_of(key.fields, columns);
    if (referrer.at.empty()) continue;
    table.follows = table.follows || key.to == shape.info.name;
    referrer.candidates = make_value_table(
        database_, "candidates", number * 1000 + table.referrers.size(), key.fields.size());
    referrer.insert = insert_into_value_table(database_, referrer.candidates, key.fields.size());
    table.referrers.push_back(std::move(referrer));
  }
}

bool HeldRows::asks_for(std::size_t table) const {
  return tables_[table].follows || !tables_[table].referrers.empty();
}

void HeldRows::note(std::size_t number, const RowUndo& rows, const UndoRecord& record) {
  Table& table = tables_[number];
  if (table.follows) note_gone(number, rows, record);
  if (record.op != Op::kInsert) return;
  for (Referrer& referrer : table.referrers) {
    int parameter = 0;
    for (const auto at : referrer.at) bind_stored(referrer.insert, ++parameter, rows.current()[at]);
    referrer.insert.run();
  }
}

void HeldRows::note_gone(std::size_t number, const RowUndo& rows, const UndoRecord& record) {
  Table& table = tables_[number];
  if (record.op == Op::kDelete || rows.current().empty()) return;
  if (record.op == Op::kUpdate && !refers_elsewhere(*table.shape, rows, record)) return;
  if (table.going.empty()) {
    table.going_columns = rows.key_columns();
    table.going = make_value_table(database_, "going", number, table.going_columns.size());
    table.going_insert =
        insert_into_value_table(database_, table.going, table.going_columns.size());
  }
  bind_all(table.going_insert, rows.key());
  table.going_insert.run();
}

void HeldRows::settle(const std::vector<std::size_t>& tables) {
  bool again = true;
  while (again) {
    again = false;
    for (const std::size_t number : tables) {
      for (const Referrer& referrer : tables_[number].referrers) {
        again = settle_round(tables_[number], referrer) || again;
      }
    }
  }
}

/// Finds values that rows outside of the undoing refer to, and lets the rows that have them stay.
bool HeldRows::settle_round(Table& table, const Referrer& referrer) {
  const auto fields = value_table_columns(referrer.at.size());
  auto query = database_.prepare(fmt::format(
      "SELECT DISTINCT g.* FROM {} c CROSS JOIN {} g ON {}{}", quoted_name(referrer.key.to),
      referrer.candidates, join_text("g", fields, "c", referrer.key.columns),
      outside_condition(referrer.key.to)));
  std::vector<std::vector<Stored>> found;
  while (query.step()) found.push_back(values_of(query));
  query.reset();
  for (const auto& value : found) keep_row(table, referrer, value);
  return !found.empty();
}

/// The row with this value in the fields of `referrer` stays, so what it has in the fields of the
/// other referrers does.
void HeldRows::keep_row(Table& table, const Referrer& referrer, const std::vector<Stored>& value) {
  keep_going(table, referrer, value);
  for (Referrer& other : table.referrers) {
    const auto fields = stored_in_row(table, other.key.fields, referrer, value);
    if (!fields) continue;
    forget(other.candidates, *fields);
    std::string wire;
    for (const auto& field : *fields) append_wire(wire, field);
    other.held.insert(std::move(wire));
  }
}

/// A row that stays refers to what it refers to.
void HeldRows::keep_going(const Table& table, const Referrer& referrer,
                          const std::vector<Stored>& value) {
  if (table.going.empty()) return;
  const auto key = stored_in_row(table, table.going_columns, referrer, value);
  if (key) forget(table.going, *key);
}

/// `columns` of the row with this value in the fields of `referrer`.
std::optional<std::vector<Stored>> HeldRows::stored_in_row(const Table& table,
                                                           const std::vector<std::string>& columns,
                                                           const Referrer& referrer,
                                                           const std::vector<Stored>& value) {
  auto row = database_.prepare("SELECT " + base::join(quoted_names(columns), ", ") + " FROM " +
                               quoted_name(table.shape->info.name) + " WHERE " +
                               equal_marks(referrer.key.fields));
  bind_all(row, value);
  if (!row.step()) return std::nullopt;
  return values_of(row);
}

void HeldRows::forget(const std::string& value_table, const std::vector<Stored>& value) {
  auto statement = database_.prepare("DELETE FROM " + value_table + " WHERE " +
                                     equal_marks(value_table_columns(value.size())));
  bind_all(statement, value);
  statement.run();
}

std::string HeldRows::outside_condition(const std::string& child) const {
  const auto found = std::find_if(tables_.begin(), tables_.end(), [&](const Table& table) {
    return !table.going.empty() && table.shape->info.name == child;
  });
  if (found == tables_.end()) return {};
  const auto& columns = found->going_columns;
  return fmt::format(" WHERE NOT EXISTS (SELECT 1 FROM {} x WHERE {})", found->going,
                     join_text("x", value_table_columns(columns.size()), "c", columns));
}

const std::string* HeldRows::holder(std::size_t table, const RowUndo& rows) const {
  for (const Referrer& referrer : tables_[table].referrers) {
    std::string wire;
    for (const auto at : referrer.at) append_wire(wire, rows.current()[at]);
    if (referrer.held.contains(wire)) return &referrer.key.to;
  }
  return nullptr;
}

}  // namespace engine::connectors::sqlite
