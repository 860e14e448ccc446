#include "connectors/sqlite/own_rows.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connect/undo_block.h"
#include "connectors/sqlite/binding.h"
#include "connectors/sqlite/catalog.h"
#include "connectors/sqlite/engine_tables.h"
#include "connectors/sqlite/row_access.h"
#include "connectors/sqlite/value_table.h"

namespace engine::connectors::sqlite {
namespace {

using connect::Op;

std::string wire_of(const std::vector<Stored>& values) {
  std::string wire;
  wire_of_row(wire, values);
  return wire;
}

/// What a digest in the table of traces stands for. Rows are digests over the columns of a layout.
std::string written(std::size_t layout, const base::Hash128& row) {
  return "w" + std::to_string(layout) + ":" + base::hex(row);
}
std::string taken_row(std::size_t layout, const base::Hash128& row) {
  return "t" + std::to_string(layout) + ":" + base::hex(row);
}
std::string taken_key(const base::Hash128& key) {
  return "k:" + base::hex(key);
}

class SqliteOwnRows final : public connect::OwnRows {
 public:
  SqliteOwnRows(std::shared_ptr<Database> database, TableShape shape,
                const std::vector<std::string>& key)
      : database_(std::move(database)), shape_(std::move(shape)), key_(key) {}

  void note(std::int64_t since_us);
  std::vector<bool> look(const data::Batch& rows) override;

 private:
  /// Blocks whose rows have the same columns.
  struct Layout {
    std::vector<std::string> columns;
    std::vector<std::size_t> key;  ///< places of the table's key; empty: not all are there
    std::optional<RowFinder> finder;
  };
  std::size_t layout_of(std::string_view names);
  void note_record(std::size_t layout, const connect::UndoRecord& record);
  void enter(const std::string& trace);
  bool knows(const std::string& trace);
  bool stands_as_left(const std::vector<Stored>& key, bool by_number);
  bool was_taken(const data::Batch& rows, std::size_t row);
  void bind(const data::Schema& schema);
  std::vector<Stored> values(const data::Batch& rows, std::size_t row);

  std::shared_ptr<Database> database_;
  TableShape shape_;
  std::vector<std::string> key_;
  std::string traces_;
  Statement enter_, find_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
  std::vector<Layout> layouts_;
  std::shared_ptr<const data::Schema> bound_to_;
  std::vector<ColumnBinding> bindings_;
};

std::size_t SqliteOwnRows::layout_of(std::string_view names) {
  const auto known = numbers_.find(names);
  if (known != numbers_.end()) return known->second;
  Layout layout;
  layout.columns = names_of_wire(names);
  layout.key = positions_of(key_, layout.columns);
  const auto present = stored_columns(shape_);
  const bool all_there =
      std::all_of(layout.columns.begin(), layout.columns.end(), [&](const auto& column) {
        return std::find(present.begin(), present.end(), column) != present.end();
      });
  // Rows with columns that are gone cannot be compared: nothing of them counts as the engine's.
  const bool findable = !key_.empty() || !shape_.rowid_name.empty();
  if (all_there && findable) layout.finder.emplace(*database_, shape_, key_, layout.columns);
  layouts_.push_back(std::move(layout));
  numbers_.emplace(names, layouts_.size() - 1);
  return layouts_.size() - 1;
}

void SqliteOwnRows::enter(const std::string& trace) {
  enter_.bind_text(1, trace);
  enter_.run();
}

bool SqliteOwnRows::knows(const std::string& trace) {
  find_.bind_text(1, trace);
  const bool found = find_.step();
  find_.reset();
  return found;
}

void SqliteOwnRows::note_record(std::size_t layout, const connect::UndoRecord& record) {
  if (record.op != Op::kDelete) enter(written(layout, record.after));
  if (record.op == Op::kInsert) return;
  enter(taken_row(layout, base::hash128(record.before)));
  if (record.op != Op::kDelete || layouts_[layout].key.empty()) return;
  const auto before = parse_wire(record.before);
  std::vector<Stored> key;
  for (const std::size_t at : layouts_[layout].key) key.push_back(before[at]);
  enter(taken_key(base::hash128(wire_of(key))));
}

void SqliteOwnRows::note(std::int64_t since_us) {
  traces_ = make_value_table(*database_, "traces_" + base::hex(shape_.info.name), 0, 1);
  enter_ = insert_into_value_table(*database_, traces_, 1);
  find_ = database_->prepare("SELECT 1 FROM " + traces_ + " WHERE f0 = ?1");
  if (!has_engine_tables(*database_)) return;
  auto blocks = database_->prepare(
      "SELECT u.row_columns, u.block FROM _engine_undo u JOIN _engine_ledger l ON"
      " l.run_id = u.run_id AND l.step = u.step AND l.chunk = 0"
      " WHERE u.table_name = ?1 COLLATE NOCASE AND l.committed_us > ?2");
  blocks.bind_text(1, shape_.info.name).bind(2, since_us);
  database_->run("SAVEPOINT traces");  // one write to the temporary database instead of one a row
  while (blocks.step()) {
    const std::size_t layout = layout_of(blocks.blob(0));
    for (const auto& record : connect::decode_undo_block(blocks.blob(1))) {
      note_record(layout, record);
    }
  }
  database_->run("RELEASE traces");
}

/// Cells as the table's columns hold them.
void SqliteOwnRows::bind(const data::Schema& schema) {
  bindings_.clear();
  for (const data::Field& field : schema.fields) {
    const auto column = std::find_if(shape_.info.columns.begin(), shape_.info.columns.end(),
                                     [&](const auto& info) { return info.name == field.name; });
    if (column == shape_.info.columns.end()) {
      base::bug("table " + shape_.info.name + " has no column " + field.name);
    }
    const auto at = static_cast<std::size_t>(column - shape_.info.columns.begin());
    bindings_.emplace_back(field.name, field.type, column->type, shape_.affinities[at]);
  }
}

std::vector<Stored> SqliteOwnRows::values(const data::Batch& rows, std::size_t row) {
  std::vector<Stored> out(rows.columns.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    // A value that the column would change stands in no row of it.
    if (!bindings_[i].store(rows.column(i), row, out[i])) return {};
  }
  return out;
}

bool SqliteOwnRows::stands_as_left(const std::vector<Stored>& key, bool by_number) {
  bool there = false;
  std::string wire;
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    if (!layouts_[i].finder) continue;
    there = layouts_[i].finder->find(key, wire);
    if (there && knows(written(i, base::hash128(wire)))) return true;
  }
  if (there || by_number || layouts_.empty()) return false;
  return knows(taken_key(base::hash128(wire_of(key))));
}

/// A whole row that does not stand there.
bool SqliteOwnRows::was_taken(const data::Batch& rows, std::size_t row) {
  const std::vector<Stored> cells = values(rows, row);
  if (cells.empty()) return false;
  std::vector<std::string> names;
  for (const data::Field& field : rows.schema->fields) names.push_back(field.name);
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    const auto places = positions_of(layouts_[i].columns, names);
    if (places.size() != layouts_[i].columns.size()) continue;
    std::vector<Stored> ordered;
    for (const std::size_t at : places) ordered.push_back(cells[at]);
    if (knows(taken_row(i, base::hash128(wire_of(ordered))))) return true;
  }
  return false;
}

std::vector<bool> SqliteOwnRows::look(const data::Batch& rows) {
  const auto guard = database_->lock();
  const bool by_number =
      rows.schema->size() == 1 && rows.schema->fields[0].name == connect::kRowNumber;
  if (!by_number && bound_to_ != rows.schema) bind(*rows.schema);
  bound_to_ = rows.schema;
  std::vector<bool> own(rows.rows, false);
  for (std::size_t row = 0; row < rows.rows; ++row) {
    if (by_number) {
      const Stored number{.storage = Stored::Class::kInteger,
                          .integer = rows.column(0).int64_at(row)};
      own[row] = stands_as_left({number}, true);
    } else if (key_.empty()) {
      own[row] = was_taken(rows, row);
    } else {
      const std::vector<Stored> key = values(rows, row);
      own[row] = !key.empty() && stands_as_left(key, false);
    }
  }
  return own;
}

/// Of a table that is not there: nobody's.
class NoRows final : public connect::OwnRows {
 public:
  std::vector<bool> look(const data::Batch& rows) override {
    return std::vector<bool>(rows.rows, false);
  }
};

}  // namespace

std::unique_ptr<connect::OwnRows> make_own_rows(const std::shared_ptr<Database>& database,
                                                const std::string& table,
                                                const std::vector<std::string>& key,
                                                std::int64_t since_us) {
  const auto guard = database->lock();
  auto shape = load_shape(*database, table);
  if (!shape) return std::make_unique<NoRows>();
  auto rows = std::make_unique<SqliteOwnRows>(database, std::move(*shape), key);
  rows->note(since_us);
  return rows;
}

}  // namespace engine::connectors::sqlite
