#include "connectors/sqlite/table_writer.h"

#include <sqlite3.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "data/value_text.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;
using connect::Op;

constexpr std::size_t kShownBytes = 200;

std::string shown_cell(const data::Column& column, std::size_t row) {
  return base::quoted(data::value_text(column, row).substr(0, kShownBytes));
}

}  // namespace

TableWriter::TableWriter(Database& database, const connect::TableWrite& write,
                         const TableShape& shape, TableJournal& journal, ReferenceGuard& references)
    : database_(database),
      write_(write),
      shape_(shape),
      journal_(journal),
      references_(references),
      key_names_(journal.locator()),
      row_columns_(journal.row_columns()),
      all_rows_(write.was_empty || write.create.has_value()) {
  make_slots();
  finder_.emplace(database, shape, key_names_, row_columns_);
  predictable_ = predictable_insert();
  guarded_ = !shape.info.foreign_keys.empty() || !shape.info.referenced_by.empty();
  if (guarded_) references_.enter(shape, row_columns_, all_rows_);
}

void TableWriter::make_slots() {
  slots_.resize(row_columns_.size());
  image_.resize(row_columns_.size());
  key_.resize(key_names_.empty() ? 1 : key_names_.size());
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
  for (const auto& name : key_names_) {
    const auto at = std::find(row_columns_.begin(), row_columns_.end(), name);
    if (at == row_columns_.end() ||
        !slots_[static_cast<std::size_t>(at - row_columns_.begin())].source) {
      throw Error(Fault::kPlan, "E303", "key column " + base::quoted(name) + " is not written");
    }
    key_slots_.push_back(static_cast<std::size_t>(at - row_columns_.begin()));
  }
  choose_updated();
}

/// Written columns but the key's, or those that the plan names.
void TableWriter::choose_updated() {
  const auto named = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const std::string& name = row_columns_[i];
    slots_[i].updated = slots_[i].source && !named(key_names_, name) &&
                        (write_.updated.empty() || named(write_.updated, name));
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
    if (!slots_[i].updated) continue;
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
      case Op::kMark:
        base::bug("a soft delete among rows that are written");
    }
    if (journal_.is_full()) journal_.flush();
  }
  journal_.flush();
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

/// What names a row in messages: its key, or its first written columns.
std::vector<std::size_t> TableWriter::named_slots() const {
  if (!key_slots_.empty()) return key_slots_;
  constexpr std::size_t kShown = 3;
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < slots_.size() && shown.size() < kShown; ++i) {
    if (slots_[i].source) shown.push_back(i);
  }
  return shown;
}

std::string TableWriter::key_words() const {
  std::vector<std::string> names;
  std::vector<Stored> values;
  for (const std::size_t at : named_slots()) {
    names.push_back(row_columns_[at]);
    values.push_back(key_slots_.empty() ? image_[at] : key_[names.size() - 1]);
  }
  return key_text(names, values);
}

void TableWriter::refuse_value(const data::Batch& rows, std::size_t row, std::size_t slot) {
  const std::vector<std::size_t> shown = named_slots();
  std::string key;
  for (const std::size_t at : shown) {
    const auto& column = rows.column(*slots_[at].source);
    key += (key.empty() ? "" : ", ") + row_columns_[at] + "=" +
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

/// Neighbouring inserts of a batch, up to a full undo block. A row is entered in the journal when
/// the next one is asked for: only then is its number known.
class TableWriter::InsertedRows final : public RowFeed::Rows {
 public:
  InsertedRows(TableWriter& writer, const connect::ChangeBatch& batch, std::size_t from)
      : writer_(writer), batch_(batch), first_(from), row_(from) {}

  const std::vector<Stored>* next_row() override {
    if (row_ > first_) writer_.enter_inserted();
    const bool more =
        row_ < batch_.rows.rows && batch_.ops[row_] == Op::kInsert && !writer_.journal_.is_full();
    if (!more) return nullptr;
    writer_.fill_image(batch_.rows, row_++);
    wire_of_row(writer_.wire_, writer_.image_);
    return &writer_.image_;
  }
  std::size_t row() const { return row_; }

 private:
  TableWriter& writer_;
  const connect::ChangeBatch& batch_;
  std::size_t first_;
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
  return rows.row();
}

/// Without a key, a row is known by the number that it just got.
void TableWriter::take_row_number() {
  if (!key_names_.empty()) return;
  key_[0] = {.storage = Stored::Class::kInteger,
             .integer = sqlite3_last_insert_rowid(database_.handle())};
}

/// The row written last, whose image is `wire_`.
void TableWriter::enter_inserted() {
  take_row_number();
  journal_.add(Op::kInsert, key_wire(), {}, wire_);
}

void TableWriter::insert_row(const data::Batch& rows, std::size_t row) {
  if (!insert_) insert_ = database_.prepare(insert_text(false));
  fill_image(rows, row);
  int parameter = 0;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].source) bind_stored(insert_, ++parameter, image_[i]);
  }
  run_change(insert_);
  take_row_number();
  if (predictable_) {
    wire_of_row(wire_, image_);
  } else {
    read_back();
  }
  if (guarded_) references_.written(nullptr, predictable_ ? image_ : parse_wire(wire_));
  enter_inserted();
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
    if (slots_[i].updated) {
      bind_stored(update_, ++parameter, image_[i]);
    } else {
      image_[i] = before_image_[i];
    }
  }
  finder_->bind_condition(update_, parameter + 1, key_);
  run_change(update_);
  if (shape_.info.triggers.empty()) {
    wire_of_row(wire_, image_);
  } else {
    read_back();
  }
  if (guarded_) references_.written(&before_image_, parse_wire(wire_));
  journal_.add(Op::kUpdate, key_wire(), before_, wire_);
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
  journal_.add(Op::kDelete, key_wire(), before_, {});
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
  for (const auto& name : key_names_) qualified.push_back(shape_.info.name + "." + name);
  const std::string reason = sqlite3_errmsg(database_.handle());
  const std::string row = "table " + base::quoted(shape_.info.name) + ", row " + key_words() + ": ";
  if (is_unique && !qualified.empty() && reason.ends_with(": " + base::join(qualified, ", "))) {
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

}  // namespace engine::connectors::sqlite
