#include "connectors/sqlite/row_remover.h"

#include <sqlite3.h>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;
using connect::Op;

}  // namespace

RowRemover::RowRemover(Database& database, const connect::TableWrite& write,
                       const TableShape& shape, TableJournal& journal, ReferenceGuard& references)
    : database_(database),
      write_(write),
      shape_(shape),
      journal_(journal),
      references_(references),
      finder_(database, shape, write.key, journal.row_columns()),
      guarded_(!shape.info.foreign_keys.empty() || !shape.info.referenced_by.empty()) {
  if (write.key.empty() && shape.rowid_name.empty()) base::bug("rows without key or number");
  if (guarded_) references_.enter(shape, journal.row_columns(), false);
  if (write.mark.empty()) return;
  const auto at = positions_of({write.mark}, journal.row_columns());
  if (at.empty()) base::bug("no column " + write.mark + " to mark rows in");
  mark_slot_ = at.front();
}

/// The columns of the batch: the key's, then the mark's; or the row number.
void RowRemover::bind_columns(const data::Schema& schema) {
  if (!bindings_.empty() || write_.key.empty()) return;
  for (const data::Field& field : schema.fields) {
    const auto* const info = shape_.info.find(field.name);
    if (info == nullptr) base::bug("no column " + field.name + " to find rows by");
    const auto position = static_cast<std::size_t>(info - shape_.info.columns.data());
    bindings_.emplace_back(field.name, field.type, info->type, shape_.affinities[position]);
  }
}

void RowRemover::remove(const connect::ChangeBatch& batch) {
  const auto guard = database_.lock();
  bind_columns(*batch.rows.schema);
  for (std::size_t row = 0; row < batch.rows.rows; ++row) {
    remove_row(batch.rows, row, batch.ops[row]);
    if (journal_.is_full()) journal_.flush();
  }
  journal_.flush();
}

void RowRemover::find_key(const data::Batch& rows, std::size_t row) {
  key_.resize(write_.key.empty() ? 1 : write_.key.size());
  bool holds = true;
  if (write_.key.empty()) {
    key_[0] = {.storage = Stored::Class::kInteger, .integer = rows.column(0).int64_at(row)};
  }
  for (std::size_t i = 0; i < write_.key.size() && holds; ++i) {
    holds = bindings_[i].store(rows.column(i), row, key_[i]);
  }
  key_wire_.clear();
  for (const Stored& value : key_) append_wire(key_wire_, value);
  if (holds && finder_.find(key_, before_)) return;
  throw Error(Fault::kState, "E510",
              "table " + base::quoted(shape_.info.name) + ": the row " + row_words() +
                  " to delete is not there any more",
              "nothing was written; run the same command again");
}

std::string RowRemover::row_words() const {
  if (write_.key.empty()) return "number " + std::to_string(key_[0].integer);
  return key_text(write_.key, key_);
}

void RowRemover::remove_row(const data::Batch& rows, std::size_t row, Op op) {
  find_key(rows, row);
  if (op == Op::kMark) return mark_row(rows, row);
  if (!delete_) {
    delete_ = database_.prepare("DELETE FROM " + quoted_name(shape_.info.name) + " WHERE " +
                                finder_.condition(1));
  }
  finder_.bind_condition(delete_, 1, key_);
  run(delete_);
  if (guarded_) references_.gone(parse_wire(before_));
  journal_.add(Op::kDelete, key_wire_, before_, {});
}

void RowRemover::mark_row(const data::Batch& rows, std::size_t row) {
  if (!update_) {
    update_ = database_.prepare("UPDATE " + quoted_name(shape_.info.name) + " SET " +
                                quoted_name(write_.mark) + " = ?1 WHERE " + finder_.condition(2));
  }
  Stored mark;
  if (!bindings_.back().store(rows.column(write_.key.size()), row, mark)) {
    throw Error(Fault::kData, "E407",
                "table " + base::quoted(shape_.info.name) + ", column " +
                    base::quoted(write_.mark) +
                    ": the time of a soft delete would be changed: " + bindings_.back().why_not(),
                "nothing was written; make the column a timestamp or a text");
  }
  bind_stored(update_, 1, mark);
  finder_.bind_condition(update_, 2, key_);
  run(update_);
  before_image_ = parse_wire(before_);
  std::vector<Stored>& image = before_image_;
  image[mark_slot_] = mark;
  if (shape_.info.triggers.empty()) {
    wire_of_row(wire_, image);
  } else if (!finder_.find(key_, wire_)) {
    throw Error(Fault::kData, "E416",
                "table " + base::quoted(shape_.info.name) + ": the row " + row_words() +
                    " is not there after it was marked; a trigger changed it",
                "nothing was written; look at the triggers of the table");
  }
  if (guarded_) {
    const std::vector<Stored> before = parse_wire(before_);
    references_.written(&before, parse_wire(wire_));
  }
  journal_.add(Op::kUpdate, key_wire_, before_, wire_);
}

void RowRemover::run(Statement& statement) {
  const auto row = [&] {
    return "table " + base::quoted(shape_.info.name) + ", row " + row_words();
  };
  try {
    statement.step();
  } catch (const Error& error) {
    const int code = sqlite3_extended_errcode(database_.handle());
    if ((code & 0xff) != SQLITE_CONSTRAINT) throw Error(error).in("table " + shape_.info.name);
    throw Error(Fault::kData, "E416",
                row() + ": the target refused to delete it: " + sqlite3_errmsg(database_.handle()),
                "nothing was written; look at the triggers of the table");
  }
  statement.reset();
  if (database_.changes() == 1) return;
  throw Error(Fault::kData, "E416", row() + ": the delete had no effect; a trigger ignored it",
              "nothing was written; look at the triggers of the table");
}

}  // namespace engine::connectors::sqlite
