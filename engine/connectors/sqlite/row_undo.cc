#include "connectors/sqlite/row_undo.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;
using connect::Op;
using connect::UndoRecord;

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
                 std::vector<std::string> row_columns)
    : database_(database),
      table_(shape.info.name),
      key_columns_(std::move(key_columns)),
      row_columns_(columns_in(shape, std::move(row_columns))),
      finder_(database, shape, key_columns_, row_columns_) {}

RowState RowUndo::look(const UndoRecord& record) {
  key_wire_ = record.key;
  key_ = parse_wire(key_wire_);
  found_ = finder_.find(key_, wire_);
  current_ = parse_wire(wire_);
  const bool as_left =
      record.op == Op::kDelete ? !found_ : found_ && base::hash128(wire_) == record.after;
  if (as_left) return RowState::kAsLeft;
  const bool as_before = record.op == Op::kInsert ? !found_ : found_ && wire_ == record.before;
  return as_before ? RowState::kAsBefore : RowState::kChanged;
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
  if (!insert_) {
    insert_ = database_.prepare("INSERT INTO " + quoted_name(table_) + " (" +
                                name_list(row_columns_, "") + ") VALUES (" +
                                marks_of(row_columns_.size()) + ")");
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    bind_stored(insert_, static_cast<int>(i) + 1, before[i]);
  }
  insert_.run();
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
  return key_text(key_columns_, parse_wire(record.key));
}

}  // namespace engine::connectors::sqlite
