#include "connectors/sqlite/rollback.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "connectors/sqlite/engine_tables.h"
#include "connectors/sqlite/row_undo.h"
#include "connectors/sqlite/value_table.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;
using connect::Conflicts;
using connect::Op;
using connect::UndoRecord;
using connect::UndoTable;

constexpr std::size_t kNamedConflicts = 100;
constexpr std::string_view kConflictsNote = "conflicts:";

std::string rollback_step(const std::string& step) {
  return "rollback:" + step;
}

std::string first_names(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  const std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown)));
  return base::join(shown, "; ") + (names.size() > kShown ? "; ..." : "");
}

std::vector<std::string> quoted_names(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& name : names) out.push_back(quoted_name(name));
  return out;
}

/// "a = ? AND b = ?"
std::string equal_marks(const std::vector<std::string>& names) {
  return base::join(names, " = ? AND ") + " = ?";
}

bool differs(const std::vector<Stored>& a, const std::vector<Stored>& b,
             const std::vector<std::size_t>& at) {
  return std::any_of(at.begin(), at.end(), [&](auto place) { return !(a[place] == b[place]); });
}

void bind_all(Statement& statement, const std::vector<Stored>& values) {
  int parameter = 0;
  for (const auto& value : values) bind_stored(statement, ++parameter, value);
}

/// A foreign key of another table on the table at hand, with the values that would vanish.
struct Referrer {
  connect::ForeignKeyInfo key;  ///< `to` is the child
  std::vector<std::size_t> at;  ///< the fields' places in a row
  std::string candidates;       ///< value table
  Statement insert;
  std::vector<std::size_t> child_at;  ///< the child columns' places, where the child is this table
  std::string released;  ///< keys of rows that refer to something else once they are restored
  std::vector<std::string> released_columns;
  Statement release;
  std::set<std::string> blocked;  ///< values that a row of others refers to, in wire form
};

/// One step of the run to be undone.
struct Step {
  std::string name;
  LedgerEntry entry;
  std::optional<TableShape> shape;  ///< nullopt: the table is gone
  std::int64_t rollbacks = 0;       ///< how often it was undone before
  std::string undone_keys;          ///< dry run: value table of the rows that would be gone
  Statement undone_insert;
  std::vector<std::string> undone_columns;
  UndoTable report;
};

class Undoing {
 public:
  Undoing(Database& database, const connect::UndoRequest& request, std::uint64_t epoch)
      : database_(database), request_(request), epoch_(epoch) {}

  connect::UndoReport run();

 private:
  void find_steps();
  void find_step(const std::vector<LedgerEntry>& entries, const std::string& name);
  [[noreturn]] void throw_unknown_run();
  void require_undo(const Step& step);
  void undo_rows(Step& step, std::size_t number);
  void each_record(const Step& step, const std::function<void(RowUndo&, const UndoRecord&)>& visit);
  std::vector<Referrer> referrers_of(const Step& step, std::size_t number);
  void find_blocked(const Step& step, std::vector<Referrer>& referrers);
  void add_candidate(Referrer& referrer, const RowUndo& rows);
  void release_row(const Step& step, Referrer& referrer, const RowUndo& rows,
                   const UndoRecord& record);
  bool block_round(const Step& step, const Referrer& referrer, std::vector<Referrer>& referrers);
  void keep_row(const Step& step, const Referrer& referrer, const std::string& value,
                Referrer& other);
  std::string outside_condition(const Step& step, const Referrer& referrer) const;
  const Referrer* blocking(const std::vector<Referrer>& referrers, const UndoRecord& record,
                           const RowUndo& rows) const;
  void undo_record(Step& step, const std::vector<Referrer>& referrers, RowUndo& rows,
                   const UndoRecord& record);
  void add_conflict(Step& step, std::string what);
  static bool refers_elsewhere(const TableShape& shape, const RowUndo& rows,
                               const UndoRecord& record);
  void note_undone(Step& step, const RowUndo& rows, const UndoRecord& record);
  void undo_creation(Step& step);
  void enter_in_ledger(const Step& step);
  bool removes(RowState state) const {
    return state == RowState::kAsLeft ||
           (state == RowState::kChanged && request_.conflicts == Conflicts::kForce);
  }

  Database& database_;
  const connect::UndoRequest& request_;
  std::uint64_t epoch_;
  std::vector<Step> steps_;
  std::optional<ReferenceGuard> references_;
};

connect::UndoReport Undoing::run() {
  find_steps();
  std::vector<std::string> tables;
  for (const auto& step : steps_) tables.push_back(step.entry.row.table);
  references_.emplace(database_, tables);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (!steps_[i].report.already) undo_rows(steps_[i], i);
  }
  if (!request_.dry_run) references_->check();
  references_.reset();
  connect::UndoReport report;
  for (auto& step : steps_) {
    if (!step.report.already) {
      undo_creation(step);
      step.report.verified = !request_.dry_run;
      if (!request_.dry_run) enter_in_ledger(step);
    }
    report.tables.push_back(std::move(step.report));
  }
  return report;
}

void Undoing::find_steps() {
  const auto entries = read_ledger(database_, request_.undo_run_id);
  if (entries.empty()) throw_unknown_run();
  for (const auto& name : request_.steps) find_step(entries, name);
}

void Undoing::throw_unknown_run() {
  std::vector<std::string> runs;
  for (const auto& entry : read_ledger(database_, "")) {
    if (std::find(runs.begin(), runs.end(), entry.row.run_id) == runs.end()) {
      runs.push_back(entry.row.run_id);
    }
  }
  throw Error(Fault::kState, "E502",
              "sqlite " + database_.label() + ": run " + base::quoted(request_.undo_run_id) +
                  " published nothing here",
              runs.empty() ? "no run published anything here"
                           : "the runs there are: " + base::join(runs, ", "));
}

void Undoing::find_step(const std::vector<LedgerEntry>& entries, const std::string& name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return entry.row.step == name; });
  if (found == entries.end()) {
    throw Error(Fault::kState, "E502",
                "run " + base::quoted(request_.undo_run_id) + " published no table " +
                    base::quoted(name) + " to sqlite " + database_.label());
  }
  Step step;
  step.name = name;
  step.entry = *found;
  step.report.step = name;
  step.report.table = found->row.table;
  step.shape = load_shape(database_, found->row.table);
  for (const auto& entry : entries) {
    if (entry.row.step != rollback_step(name)) continue;
    ++step.rollbacks;
    step.report.already = entry.row.watermark == std::string(kConflictsNote) + "0";
  }
  if (!step.report.already) require_undo(step);
  steps_.push_back(std::move(step));
}

void Undoing::require_undo(const Step& step) {
  const auto& row = step.entry.row;
  if (row.inserted + row.updated + row.deleted == 0) return;
  auto blocks =
      database_.prepare("SELECT min(expires_us) FROM _engine_undo WHERE run_id = ?1 AND step = ?2");
  blocks.bind_text(1, row.run_id).bind_text(2, row.step);
  const bool there = blocks.step() && !blocks.is_null(0);
  if (there && blocks.integer(0) > base::system_clock().now_us()) return;
  throw Error(Fault::kState, "E507",
              "the undo of table " + base::quoted(row.step) + " of run " + row.run_id +
                  (there ? " expired at " + base::iso_utc(blocks.integer(0))
                         : std::string(" is not there any more")),
              "nothing was written; restore the rows from a backup, and raise snapshot.retain in "
              "the plan");
}

void Undoing::undo_rows(Step& step, std::size_t number) {
  if (!step.shape) {
    if (step.entry.row.created) return;
    throw Error(Fault::kState, "E506",
                "table " + base::quoted(step.entry.row.table) + " is not there any more",
                "nothing was written; restore the table from a backup");
  }
  auto referrers = referrers_of(step, number);
  find_blocked(step, referrers);
  std::string layout;
  each_record(step, [&](RowUndo& rows, const UndoRecord& record) {
    const std::string now = wire_of_names(rows.row_columns());
    if (now != layout) references_->enter(*step.shape, rows.row_columns(), false);
    layout = now;
    undo_record(step, referrers, rows, record);
  });
  if (request_.conflicts != Conflicts::kAbort || step.report.conflict_count == 0) return;
  throw Error(Fault::kState, "E506",
              fmt::format("table {}: {} rows were changed since the run: {}",
                          base::quoted(step.entry.row.table), step.report.conflict_count,
                          first_names(step.report.conflicts)),
              "nothing was written; --conflicts skip leaves these rows alone, --conflicts force "
              "overwrites them");
}

/// Newest block first, and within a block the last change first.
void Undoing::each_record(const Step& step,
                          const std::function<void(RowUndo&, const UndoRecord&)>& visit) {
  auto blocks = database_.prepare(
      "SELECT key_columns, row_columns, block FROM _engine_undo WHERE run_id = ?1 AND step = ?2"
      " ORDER BY chunk DESC");
  blocks.bind_text(1, step.entry.row.run_id).bind_text(2, step.name);
  std::optional<RowUndo> rows;
  std::string layout;
  while (blocks.step()) {
    const std::string now = std::string(blocks.blob(0)) + '\0' + std::string(blocks.blob(1));
    if (!rows || now != layout) {
      rows.emplace(database_, *step.shape, names_of_wire(blocks.blob(0)),
                   names_of_wire(blocks.blob(1)), step.rollbacks > 0);
    }
    layout = now;
    const auto records = connect::decode_undo_block(blocks.blob(2));
    for (auto record = records.rbegin(); record != records.rend(); ++record) visit(*rows, *record);
  }
}

std::vector<Referrer> Undoing::referrers_of(const Step& step, std::size_t number) {
  std::vector<Referrer> out;
  if (step.entry.row.inserted == 0) return out;
  const auto columns = stored_columns(*step.shape);
  for (const auto& key : step.shape->info.referenced_by) {
    if (!is_unique(step.shape->info, key.fields) || key.fields.size() != key.columns.size()) {
      continue;
    }
    Referrer referrer;
    referrer.key = key;
    referrer.at = positions_of(key.fields, columns);
    if (referrer.at.empty()) continue;
    if (key.to == step.shape->info.name) referrer.child_at = positions_of(key.columns, columns);
    referrer.candidates =
        make_value_table(database_, "candidates", number * 1000 + out.size(), key.fields.size());
    referrer.insert = insert_into_value_table(database_, referrer.candidates, key.fields.size());
    out.push_back(std::move(referrer));
  }
  return out;
}

void Undoing::find_blocked(const Step& step, std::vector<Referrer>& referrers) {
  if (referrers.empty()) return;
  each_record(step, [&](RowUndo& rows, const UndoRecord& record) {
    if (record.op == Op::kDelete || !removes(rows.look(record)) || rows.current().empty()) return;
    for (auto& referrer : referrers) {
      if (record.op == Op::kInsert) add_candidate(referrer, rows);
      if (record.op == Op::kUpdate) release_row(step, referrer, rows, record);
    }
  });
  // A row that stays keeps its own parents, in this table too: rounds until nothing more is found.
  bool again = true;
  while (again) {
    again = false;
    for (auto& referrer : referrers) again = block_round(step, referrer, referrers) || again;
  }
}

void Undoing::add_candidate(Referrer& referrer, const RowUndo& rows) {
  int parameter = 0;
  for (const auto at : referrer.at) bind_stored(referrer.insert, ++parameter, rows.current()[at]);
  referrer.insert.run();
}

/// A row of the same table that the run made refer to a row it inserted, and that goes back to
/// what it referred to before, holds nothing.
void Undoing::release_row(const Step& step, Referrer& referrer, const RowUndo& rows,
                          const UndoRecord& record) {
  if (referrer.child_at.empty()) return;
  if (!differs(rows.current(), parse_wire(record.before), referrer.child_at)) return;
  const auto& key = rows.key();
  if (referrer.released.empty()) {
    const auto number = static_cast<std::size_t>(&step - steps_.data()) * 1000 + referrer.at[0];
    referrer.released_columns = rows.key_columns();
    referrer.released = make_value_table(database_, "released", number, key.size());
    referrer.release = insert_into_value_table(database_, referrer.released, key.size());
  }
  bind_all(referrer.release, key);
  referrer.release.run();
}

/// Finds values that rows outside of the undoing refer to, and lets the rows that have them stay.
bool Undoing::block_round(const Step& step, const Referrer& referrer,
                          std::vector<Referrer>& referrers) {
  const auto fields = value_table_columns(referrer.at.size());
  auto query = database_.prepare(fmt::format(
      "SELECT DISTINCT g.* FROM {} c CROSS JOIN {} g ON {}{}", quoted_name(referrer.key.to),
      referrer.candidates, join_text("g", fields, "c", referrer.key.columns),
      outside_condition(step, referrer)));
  std::vector<std::string> found;
  while (query.step()) {
    found.emplace_back();
    for (int i = 0; i < query.columns(); ++i) {
      append_wire(found.back(), stored_value(query.value(i)));
    }
  }
  query.reset();
  for (const auto& value : found) {
    for (auto& other : referrers) keep_row(step, referrer, value, other);
  }
  return !found.empty();
}

/// The row with this value in the fields of `referrer` stays, so what it has in the fields of
/// `other` does.
void Undoing::keep_row(const Step& step, const Referrer& referrer, const std::string& value,
                       Referrer& other) {
  auto row = database_.prepare("SELECT " + base::join(quoted_names(other.key.fields), ", ") +
                               " FROM " + quoted_name(step.shape->info.name) + " WHERE " +
                               equal_marks(quoted_names(referrer.key.fields)));
  bind_all(row, parse_wire(value));
  if (!row.step()) return;
  std::string wire;
  std::vector<Stored> fields;
  for (int i = 0; i < row.columns(); ++i) fields.push_back(stored_value(row.value(i)));
  for (const auto& field : fields) append_wire(wire, field);
  auto forget = database_.prepare("DELETE FROM " + other.candidates + " WHERE " +
                                  equal_marks(value_table_columns(fields.size())));
  bind_all(forget, fields);
  forget.run();
  other.blocked.insert(wire);
}

std::string Undoing::outside_condition(const Step& step, const Referrer& referrer) const {
  std::string out;
  const auto add = [&](const std::string& table, const std::vector<std::string>& columns) {
    out +=
        fmt::format("{}NOT EXISTS (SELECT 1 FROM {} x WHERE {})", out.empty() ? " WHERE " : " AND ",
                    table, join_text("x", value_table_columns(columns.size()), "c", columns));
  };
  if (referrer.key.to == step.shape->info.name) add(referrer.candidates, referrer.key.fields);
  if (!referrer.released.empty()) add(referrer.released, referrer.released_columns);
  for (const auto& other : steps_) {
    if (!other.undone_keys.empty() && other.shape && other.shape->info.name == referrer.key.to &&
        other.name != step.name) {
      add(other.undone_keys, other.undone_columns);
    }
  }
  return out;
}

const Referrer* Undoing::blocking(const std::vector<Referrer>& referrers, const UndoRecord& record,
                                  const RowUndo& rows) const {
  if (record.op != Op::kInsert || rows.current().empty()) return nullptr;
  for (const auto& referrer : referrers) {
    std::string wire;
    for (const auto at : referrer.at) append_wire(wire, rows.current()[at]);
    if (referrer.blocked.contains(wire)) return &referrer;
  }
  return nullptr;
}

void Undoing::undo_record(Step& step, const std::vector<Referrer>& referrers, RowUndo& rows,
                          const UndoRecord& record) {
  const RowState state = rows.look(record);
  if (state == RowState::kAsBefore) return;
  if (!removes(state)) {
    add_conflict(step, rows.key_words(record));
    return;
  }
  if (const Referrer* referrer = blocking(referrers, record, rows)) {
    add_conflict(step, rows.key_words(record) + " (referenced by " + referrer->key.to + ")");
    return;
  }
  if (request_.dry_run) {
    rows.take();
    note_undone(step, rows, record);
  } else {
    rows.restore(record, *references_);
  }
  if (record.op == Op::kInsert) ++step.report.removed;
  if (record.op == Op::kUpdate) ++step.report.restored;
  if (record.op == Op::kDelete) ++step.report.reinserted;
}

bool Undoing::refers_elsewhere(const TableShape& shape, const RowUndo& rows,
                               const UndoRecord& record) {
  const auto columns = stored_columns(shape);
  const auto before = parse_wire(record.before);
  return std::any_of(shape.info.foreign_keys.begin(), shape.info.foreign_keys.end(),
                     [&](const auto& key) {
                       return differs(rows.current(), before, positions_of(key.columns, columns));
                     });
}

void Undoing::add_conflict(Step& step, std::string what) {
  ++step.report.conflict_count;
  if (step.report.conflicts.size() < kNamedConflicts) {
    step.report.conflicts.push_back(std::move(what));
  }
}

/// A dry run changes nothing, so the rows that would be gone, or would refer to something else, are
/// remembered for the parents that come after.
void Undoing::note_undone(Step& step, const RowUndo& rows, const UndoRecord& record) {
  if (record.op == Op::kDelete) return;
  if (record.op == Op::kUpdate && !refers_elsewhere(*step.shape, rows, record)) return;
  if (step.undone_keys.empty()) {
    step.undone_columns = rows.key_columns();
    const auto number = static_cast<std::size_t>(&step - steps_.data());
    step.undone_keys = make_value_table(database_, "undone", number, step.undone_columns.size());
    step.undone_insert =
        insert_into_value_table(database_, step.undone_keys, step.undone_columns.size());
  }
  bind_all(step.undone_insert, rows.key());
  step.undone_insert.run();
}

/// A table the run created goes when nothing of anybody else is in it or hangs on it.
void Undoing::undo_creation(Step& step) {
  if (!step.entry.row.created || !step.shape) return;
  const std::string name = quoted_name(step.shape->info.name);
  const std::int64_t rows = database_.integer("SELECT count(*) FROM " + name);
  const std::int64_t left = request_.dry_run ? rows - step.report.removed : rows;
  const bool untouched =
      left == 0 && step.shape->info.referenced_by.empty() &&
      definition_text(database_, step.shape->info.name) == step.entry.created_sql;
  step.report.dropped = untouched;
  step.report.kept_created = !untouched;
  if (untouched && !request_.dry_run) database_.run("DROP TABLE " + name);
}

/// Entered under the run that was undone, so that its receipts tell the whole story.
void Undoing::enter_in_ledger(const Step& step) {
  LedgerEntry entry;
  entry.row = step.entry.row;
  entry.row.step = rollback_step(step.name);
  entry.row.chunk = step.rollbacks;
  entry.row.epoch = epoch_;
  entry.row.plan_sha256 = request_.run.plan_sha256;
  entry.row.inserted = step.report.reinserted;
  entry.row.updated = step.report.restored;
  entry.row.deleted = step.report.removed;
  entry.row.created = false;
  entry.row.after_digest.clear();
  entry.row.watermark = std::string(kConflictsNote) + std::to_string(step.report.conflict_count);
  entry.row.committed_us = base::system_clock().now_us();
  insert_ledger(database_, entry);
}

}  // namespace

connect::UndoReport undo_run(Database& database, const connect::UndoRequest& request,
                             std::uint64_t epoch) {
  return Undoing(database, request, epoch).run();
}

}  // namespace engine::connectors::sqlite
