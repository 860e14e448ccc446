#include "connectors/sqlite/row_undo.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connectors/sqlite/value_table.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;
using connect::Op;
using connect::UndoRecord;

/// Of a row without a key, in messages.
constexpr std::size_t kShownColumns = 4;

/// The row's columns, checked before anything is prepared: an unknown name in double quotes would
/// be taken for a text.
std::vector<std::string> columns_in(const TableShape& shape, std::vector<std::string> row_columns) {
  const auto present = stored_columns(shape);
  for (const auto& name : row_columns) {
    if (std::find(present.begin(), present.end(), name) != present.end()) continue;
    throw Error(Fault::kState, "E506",
                "table " + base::quoted(shape.info.name) + " has no column " + base::quoted(name) +
                    " any more, which the run wrote",
                "nothing was written; add the column again, or restore the table from a backup");
  }
  return row_columns;
}

/// The name of the row number, where rows were entered by it.
std::string numbers_of(const TableShape& shape, const std::vector<std::string>& key_columns) {
  if (!key_columns.empty() || !shape.rowid_name.empty()) return shape.rowid_name;
  throw Error(Fault::kState, "E506",
              "table " + base::quoted(shape.info.name) +
                  " was made anew since the run: its rows have no numbers any more",
              "nothing was written; restore the table from a backup");
}

/// Part of a temporary table's name: letters of any table name.
std::string purpose_of(const std::string& table) {
  return base::hex(table);
}

std::string marks_of(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "?" : ", ?";
  return out;
}

std::string name_list(const std::vector<std::string>& names, const std::string& behind) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + quoted_name(name) + behind;
  return out;
}

}  // namespace

RowUndo::RowUndo(Database& database, const TableShape& shape, std::vector<std::string> key_columns,
                 std::vector<std::string> row_columns, bool again)
    : database_(database),
      table_(shape.info.name),
      again_(again),
      key_columns_(std::move(key_columns)),
      rowid_name_(numbers_of(shape, key_columns_)),
      number_is_column_(shape.rowid_column.has_value()),
      finding_columns_(key_columns_.empty() ? std::vector<std::string>{rowid_name_} : key_columns_),
      row_columns_(columns_in(shape, std::move(row_columns))),
      finder_(database, shape, key_columns_, row_columns_) {}

RowState RowUndo::look(const UndoRecord& record) {
  key_wire_ = record.key;
  key_ = parse_wire(key_wire_);
  found_ = finder_.find(key_, wire_);
  current_ = parse_wire(wire_);
  if (key_columns_.empty()) return look_by_number(record);
  const bool as_left =
      record.op == Op::kDelete ? !found_ : found_ && base::hash128(wire_) == record.after;
  if (as_left) return RowState::kAsLeft;
  const bool as_before = record.op == Op::kInsert ? !found_ : found_ && wire_ == record.before;
  return as_before ? RowState::kAsBefore : RowState::kChanged;
}

RowState RowUndo::look_by_number(const UndoRecord& record) {
  new_number_ = false;
  if (record.op == Op::kDelete) {
    if (!found_) return RowState::kAsLeft;
    if (wire_ == record.before) return RowState::kAsBefore;
    if (again_ && find_elsewhere(base::hash128(record.before))) return RowState::kAsBefore;
    found_ = false;
    current_.clear();
    new_number_ = true;
    return RowState::kAsLeft;
  }
  if (found_ && base::hash128(wire_) == record.after && !is_taken()) return RowState::kAsLeft;
  const bool changed = found_ && !is_taken();
  if (find_elsewhere(record.after)) return RowState::kAsLeft;
  key_ = parse_wire(key_wire_);
  found_ = finder_.find(key_, wire_);
  current_ = parse_wire(wire_);
  return changed ? RowState::kChanged : RowState::kAsBefore;
}

/// Any row of this digest that is not taken; it becomes the row in hand.
bool RowUndo::find_elsewhere(const base::Hash128& digest) {
  if (!same_digest_) index_rows();
  const std::string bytes = base::hex(digest);
  same_digest_.bind_text(1, bytes);
  bool found = false;
  while (!found && same_digest_.step()) {
    const std::int64_t number = same_digest_.integer(0);
    key_.assign(1, {.storage = Stored::Class::kInteger, .integer = number});
    found = finder_.find(key_, wire_) && base::hash128(wire_) == digest && !is_taken();
  }
  same_digest_.reset();
  if (!found) return false;
  found_ = true;
  current_ = parse_wire(wire_);
  return true;
}

/// One pass over the table; what changes later is seen when a row is looked at.
void RowUndo::index_rows() {
  const std::string index = make_value_table(database_, "digests_" + purpose_of(table_), 0, 2);
  Statement enter = insert_into_value_table(database_, index, 2);
  auto rows = database_.prepare("SELECT " + rowid_name_ + ", " + name_list(row_columns_, "") +
                                " FROM " + quoted_name(table_));
  std::string wire;
  while (rows.step()) {
    wire.clear();
    for (std::size_t i = 0; i < row_columns_.size(); ++i) {
      append_wire(wire, stored_value(rows.value(static_cast<int>(i) + 1)));
    }
    const std::string digest = base::hex(base::hash128(wire));
    enter.bind_text(1, digest).bind(2, rows.integer(0));
    enter.run();
  }
  same_digest_ = database_.prepare("SELECT f1 FROM " + index + " WHERE f0 = ?1");
}

void RowUndo::take() {
  if (!key_columns_.empty()) return;
  if (!take_) {
    const std::string taken = make_value_table(database_, "taken_" + purpose_of(table_), 0, 1);
    take_ = insert_into_value_table(database_, taken, 1);
    taken_ = database_.prepare("SELECT 1 FROM " + taken + " WHERE f0 = ?1");
  }
  bind_stored(take_, 1, key_[0]);
  take_.run();
}

bool RowUndo::is_taken() {
  if (!taken_) return false;
  bind_stored(taken_, 1, key_[0]);
  const bool taken = taken_.step();
  taken_.reset();
  return taken;
}

void RowUndo::restore(const UndoRecord& record, ReferenceGuard& references) {
  if (record.op == Op::kInsert) {
    references.gone(current_);
    remove();
  } else {
    const auto before = parse_wire(record.before);
    if (found_) {
      overwrite(before);
    } else {
      insert(before);
    }
    references.written(found_ ? &current_ : nullptr, before);
  }
  verify(record);
}

void RowUndo::remove() {
  if (!delete_) {
    delete_ =
        database_.prepare("DELETE FROM " + quoted_name(table_) + " WHERE " + finder_.condition(1));
  }
  finder_.bind_condition(delete_, 1, key_);
  delete_.run();
}

void RowUndo::insert(const std::vector<Stored>& before) {
  const bool numbered = key_columns_.empty() && !number_is_column_;
  Statement& statement = numbered && !new_number_ ? at_number_ : insert_;
  if (!statement) {
    const bool at = &statement == &at_number_;
    statement =
        database_.prepare("INSERT INTO " + quoted_name(table_) + " (" +
                          name_list(row_columns_, "") + (at ? ", " + rowid_name_ : "") +
                          ") VALUES (" + marks_of(row_columns_.size() + (at ? 1 : 0)) + ")");
  }
  int parameter = 0;
  for (const Stored& value : before) bind_stored(statement, ++parameter, value);
  if (numbered && !new_number_) bind_stored(statement, ++parameter, key_[0]);
  statement.run();
  if (key_columns_.empty()) {
    key_[0] = {.storage = Stored::Class::kInteger,
               .integer = sqlite3_last_insert_rowid(database_.handle())};
  }
}

void RowUndo::overwrite(const std::vector<Stored>& before) {
  const int count = static_cast<int>(before.size());
  if (!update_) {
    std::string columns;
    int parameter = 0;
    for (const auto& name : row_columns_) {
      columns +=
          (columns.empty() ? "" : ", ") + quoted_name(name) + " = ?" + std::to_string(++parameter);
    }
    update_ = database_.prepare("UPDATE " + quoted_name(table_) + " SET " + columns + " WHERE " +
                                finder_.condition(count + 1));
  }
  for (int i = 0; i < count; ++i) {
    bind_stored(update_, i + 1, before[static_cast<std::size_t>(i)]);
  }
  finder_.bind_condition(update_, count + 1, key_);
  update_.run();
}

void RowUndo::verify(const UndoRecord& record) {
  std::string now;
  const bool found = finder_.find(key_, now);
  const bool right = record.op == Op::kInsert ? !found : found && now == record.before;
  if (right) return;
  throw Error(Fault::kState, "E512",
              "table " + base::quoted(table_) + ", row " + key_words(record) +
                  ": read back after its undoing, it is not what it was before the run",
              "nothing was written; a trigger may have changed it: look at the triggers of the "
              "table");
}

std::string RowUndo::key_words(const UndoRecord& record) const {
  if (key_columns_.empty()) {
    const std::size_t shown = std::min(kShownColumns, current_.size());
    return "row " + std::to_string(key_[0].integer) + ": " +
           key_text(row_columns_,
                    {current_.begin(), current_.begin() + static_cast<std::ptrdiff_t>(shown)});
  }
  return key_text(key_columns_, parse_wire(record.key));
}

}  // namespace engine::connectors::sqlite
