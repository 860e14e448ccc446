#include "connectors/sqlite/table_writer.h"

#include <sqlite3.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "connectors/sqlite/engine_tables.h"
#include "data/value_text.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;
using connect::Op;

/// A block is at most about this large before compression: one batch of long rows must not be one
/// blob.
constexpr std::size_t kMaxBlockBytes = std::size_t{4} << 20;
constexpr std::size_t kShownBytes = 200;

std::string shown_cell(const data::Column& column, std::size_t row) {
  return base::quoted(data::value_text(column, row).substr(0, kShownBytes));
}

}  // namespace

TableWriter::TableWriter(Database& database, const connect::PublishUnit& unit,
                         const connect::TableWrite& write, const TableShape& shape,
                         ReferenceGuard& references)
    : database_(database),
      unit_(unit),
      write_(write),
      shape_(shape),
      references_(references),
      row_columns_(stored_columns(shape)),
      all_rows_(write.was_empty || write.create.has_value()) {
  receipt_.step = write.step;
  receipt_.table = shape.info.name;
  make_slots();
  finder_.emplace(database, shape, write.key, row_columns_);
  predictable_ = predictable_insert();
  guarded_ = !shape.info.foreign_keys.empty() || !shape.info.referenced_by.empty();
  if (guarded_) references_.enter(shape, row_columns_, all_rows_);
}

void TableWriter::make_slots() {
  slots_.resize(row_columns_.size());
  image_.resize(row_columns_.size());
  key_.resize(write_.key.size());
  for (std::size_t i = 0; i < write_.columns.size(); ++i) {
    const auto& field = write_.columns.fields[i];
    const auto at = std::find(row_columns_.begin(), row_columns_.end(), field.name);
    if (at == row_columns_.end()) {
      throw Error(Fault::kPlan, "E302",
                  "table " + base::quoted(shape_.info.name) + " has no column " +
                      base::quoted(field.name) + " that can be written");
    }
    auto& slot = slots_[static_cast<std::size_t>(at - row_columns_.begin())];
    const auto* const info = shape_.info.find(field.name);
    const auto position = static_cast<std::size_t>(info - shape_.info.columns.data());
    slot.source = i;
    slot.binding.emplace(field.name, field.type, info->type, shape_.affinities[position]);
  }
  for (const auto& name : write_.key) {
    const auto at = std::find(row_columns_.begin(), row_columns_.end(), name);
    if (at == row_columns_.end() ||
        !slots_[static_cast<std::size_t>(at - row_columns_.begin())].source) {
      throw Error(Fault::kPlan, "E303", "key column " + base::quoted(name) + " is not written");
    }
    key_slots_.push_back(static_cast<std::size_t>(at - row_columns_.begin()));
  }
}

bool TableWriter::predictable_insert() const {
  if (!shape_.info.triggers.empty()) return false;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].source && shape_.info.find(row_columns_[i])->has_default) return false;
  }
  return true;
}

/// Fed rows: OR FAIL ends the statement at the refused row, and spares the store the journal that
/// taking back the rows before it would need; the whole unit is taken back then.
std::string TableWriter::insert_text(bool fed) const {
  std::string columns, values;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].source) continue;
    columns += (columns.empty() ? "" : ", ") + quoted_name(row_columns_[i]);
    values += (values.empty() ? "" : ", ") + (fed ? RowFeed::column(i) : "?");
  }
  const std::string into = quoted_name(shape_.info.name) + " (" + columns + ")";
  if (fed) return "INSERT OR FAIL INTO " + into + " SELECT " + values + " FROM " + RowFeed::table();
  return "INSERT INTO " + into + " VALUES (" + values + ")";
}

/// Written columns but the key's, then the row's condition.
std::string TableWriter::update_text() const {
  std::string columns;
  int parameter = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const bool is_key = std::find(key_slots_.begin(), key_slots_.end(), i) != key_slots_.end();
    if (!slots_[i].source || is_key) continue;
    columns += (columns.empty() ? "" : ", ") + quoted_name(row_columns_[i]) + " = ?" +
               std::to_string(++parameter);
  }
  if (columns.empty()) base::bug("an update of a table whose key is all that is written");
  return "UPDATE " + quoted_name(shape_.info.name) + " SET " + columns + " WHERE " +
         finder_->condition(parameter + 1);
}

void TableWriter::write(const connect::ChangeBatch& batch) {
  const auto guard = database_.lock();
  std::size_t row = 0;
  while (row < batch.rows.rows) {
    switch (batch.ops[row]) {
      case Op::kInsert:
        row = insert_rows(batch, row);
        break;
      case Op::kUpdate:
        update_row(batch.rows, row++);
        break;
      case Op::kDelete:
        delete_row(batch.rows, row++);
        break;
    }
    if (undo_.payload_bytes() >= kMaxBlockBytes) flush_undo();
  }
  flush_undo();
}

connect::TableReceipt TableWriter::finish() {
  return receipt_;
}

void TableWriter::fill_image(const data::Batch& rows, std::size_t row) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (!slot.source) {
      image_[i] = Stored{};
    } else if (!slot.binding->store(rows.column(*slot.source), row, image_[i])) {
      refuse_value(rows, row, i);
    }
  }
  for (std::size_t i = 0; i < key_slots_.size(); ++i) key_[i] = image_[key_slots_[i]];
}

void TableWriter::fill_key(const data::Batch& rows, std::size_t row) {
  for (std::size_t i = 0; i < key_slots_.size(); ++i) {
    Slot& slot = slots_[key_slots_[i]];
    if (!slot.binding->store(rows.column(*slot.source), row, key_[i])) {
      refuse_value(rows, row, key_slots_[i]);
    }
  }
}

void TableWriter::refuse_value(const data::Batch& rows, std::size_t row, std::size_t slot) {
  std::string key;
  for (std::size_t i = 0; i < key_slots_.size(); ++i) {
    const auto& column = rows.column(*slots_[key_slots_[i]].source);
    key += (i == 0 ? "" : ", ") + write_.key[i] + "=" +
           (column.is_null(row) ? "NULL" : data::value_text(column, row).substr(0, kShownBytes));
  }
  const auto& binding = *slots_[slot].binding;
  throw Error(Fault::kData, "E407",
              "table " + base::quoted(shape_.info.name) + ", row " + key + ", column " +
                  base::quoted(binding.name()) + ": the value " +
                  shown_cell(rows.column(*slots_[slot].source), row) +
                  " would be changed: " + binding.why_not(),
              "nothing was written; give the target's column a type that holds the value, or "
              "correct the value in the plan");
}

/// Neighbouring inserts of a batch, up to a full undo block. A row's undo is made before the row is
/// written: when that fails, nothing of the unit stands.
class TableWriter::InsertedRows final : public RowFeed::Rows {
 public:
  InsertedRows(TableWriter& writer, const connect::ChangeBatch& batch, std::size_t from)
      : writer_(writer), batch_(batch), row_(from) {}

  const std::vector<Stored>* next_row() override {
    const bool more = row_ < batch_.rows.rows && batch_.ops[row_] == Op::kInsert &&
                      writer_.undo_.payload_bytes() < kMaxBlockBytes;
    if (!more) return nullptr;
    writer_.fill_image(batch_.rows, row_);
    wire_of_row(writer_.wire_, writer_.image_);
    writer_.record(Op::kInsert, {});
    ++row_;
    return &writer_.image_;
  }
  std::size_t row() const { return row_; }

 private:
  TableWriter& writer_;
  const connect::ChangeBatch& batch_;
  std::size_t row_;
};

/// Writes the insert at `from`, and those behind it where one statement can; says which row is
/// next.
std::size_t TableWriter::insert_rows(const connect::ChangeBatch& batch, std::size_t from) {
  if (!can_feed()) {
    insert_row(batch.rows, from);
    return from + 1;
  }
  if (!feed_) {
    feed_.emplace(database_, row_columns_.size());
    insert_fed_ = database_.prepare(insert_text(true));
  }
  InsertedRows rows(*this, batch, from);
  try {
    feed_->run(insert_fed_, rows);
  } catch (const Error& error) {
    feed_->rethrow();
    refuse_change(error);
  }
  const auto written = static_cast<std::int64_t>(rows.row() - from);
  if (database_.changes() != written) base::bug("an insert of rows left out some of them");
  receipt_.inserted += written;
  return rows.row();
}

void TableWriter::insert_row(const data::Batch& rows, std::size_t row) {
  if (!insert_) insert_ = database_.prepare(insert_text(false));
  fill_image(rows, row);
  int parameter = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].source) bind_stored(insert_, ++parameter, image_[i]);
  }
  run_change(insert_);
  if (predictable_) {
    wire_of_row(wire_, image_);
  } else {
    read_back();
  }
  if (guarded_) references_.written(nullptr, predictable_ ? image_ : parse_wire(wire_));
  record(Op::kInsert, {});
  ++receipt_.inserted;
}

void TableWriter::find_before(const char* doing) {
  if (finder_->find(key_, before_)) return;
  throw Error(Fault::kState, "E510",
              "table " + base::quoted(shape_.info.name) + ": the row " + key_words() + " to " +
                  doing + " is not there any more",
              "nothing was written; run the same command again");
}

void TableWriter::update_row(const data::Batch& rows, std::size_t row) {
  if (!update_) update_ = database_.prepare(update_text());
  fill_image(rows, row);
  find_before("update");
  before_image_ = parse_wire(before_);
  int parameter = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const bool is_key = std::find(key_slots_.begin(), key_slots_.end(), i) != key_slots_.end();
    if (!slots_[i].source) image_[i] = before_image_[i];
    if (slots_[i].source && !is_key) bind_stored(update_, ++parameter, image_[i]);
  }
  finder_->bind_condition(update_, parameter + 1, key_);
  run_change(update_);
  if (shape_.info.triggers.empty()) {
    wire_of_row(wire_, image_);
  } else {
    read_back();
  }
  if (guarded_) references_.written(&before_image_, parse_wire(wire_));
  record(Op::kUpdate, before_);
  ++receipt_.updated;
}

void TableWriter::delete_row(const data::Batch& rows, std::size_t row) {
  if (!delete_) {
    delete_ = database_.prepare("DELETE FROM " + quoted_name(shape_.info.name) + " WHERE " +
                                finder_->condition(1));
  }
  fill_key(rows, row);
  find_before("delete");
  finder_->bind_condition(delete_, 1, key_);
  run_change(delete_);
  if (guarded_) references_.gone(parse_wire(before_));
  record(Op::kDelete, before_);
  ++receipt_.deleted;
}

void TableWriter::run_change(Statement& statement) {
  try {
    statement.step();
  } catch (const Error& error) {
    refuse_change(error);
  }
  statement.reset();
  if (database_.changes() == 1) return;
  throw Error(Fault::kData, "E416",
              "table " + base::quoted(shape_.info.name) + ": the change of row " + key_words() +
                  " had no effect; a trigger ignored it",
              "nothing was written; look at the triggers of the table");
}

/// The store names the columns of a unique index it refused by; those of the key mean that the key
/// is there already.
void TableWriter::refuse_change(const Error& error) const {
  const int code = sqlite3_extended_errcode(database_.handle());
  const bool is_unique = code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE ||
                         code == SQLITE_CONSTRAINT_ROWID;
  if ((code & 0xff) != SQLITE_CONSTRAINT) {
    throw Error(error).in("table " + shape_.info.name);
  }
  std::vector<std::string> qualified;
  for (const auto& name : write_.key) qualified.push_back(shape_.info.name + "." + name);
  const std::string reason = sqlite3_errmsg(database_.handle());
  const std::string row = "table " + base::quoted(shape_.info.name) + ", row " + key_words() + ": ";
  if (is_unique && reason.ends_with(": " + base::join(qualified, ", "))) {
    throw Error(Fault::kData, "E402",
                row + "the target has a row with this key already (" + reason + ")",
                "nothing was written; keys compare as bytes in the engine: look for a row that "
                "differs only in case or spaces, or for one that was inserted meanwhile");
  }
  throw Error(Fault::kData, "E416", row + "the target refused it: " + reason,
              "nothing was written; correct the row, or the constraint");
}

/// The row as the table holds it after triggers and defaults.
void TableWriter::read_back() {
  if (finder_->find(key_, wire_)) return;
  throw Error(Fault::kData, "E416",
              "table " + base::quoted(shape_.info.name) + ": the row " + key_words() +
                  " is not there after it was written; a trigger changed its key",
              "nothing was written; look at the triggers of the table");
}

const std::string& TableWriter::key_wire() {
  key_wire_.clear();
  for (const auto& value : key_) append_wire(key_wire_, value);
  return key_wire_;
}

void TableWriter::record(Op op, std::string_view before) {
  base::Hash128 after;
  if (op != Op::kDelete) {
    after = base::hash128(wire_);
    receipt_.after.add(after);
  }
  undo_.add(op, key_wire(), before, after);
}

void TableWriter::flush_undo() {
  if (undo_.records() == 0) return;
  UndoEntry entry;
  entry.run_id = unit_.run.run_id;
  entry.step = write_.step;
  entry.chunk = chunk_++;
  entry.table = shape_.info.name;
  entry.expires_us = unit_.undo_expires_us;
  entry.key_columns = write_.key;
  entry.row_columns = row_columns_;
  entry.block = undo_.finish();
  receipt_.undo_bytes += entry.block.size();
  insert_undo(database_, entry);
}

}  // namespace engine::connectors::sqlite
