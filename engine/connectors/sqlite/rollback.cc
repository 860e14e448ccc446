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
#include "connectors/sqlite/held_rows.h"
#include "connectors/sqlite/row_undo.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;
using connect::Conflicts;
using connect::Op;
using connect::UndoRecord;
using connect::UndoTable;

constexpr std::size_t kNamedConflicts = 100;

std::string first_names(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  const std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown)));
  return base::join(shown, "; ") + (names.size() > kShown ? "; ..." : "");
}

/// One step of the run to be undone.
struct Step {
  std::string name;
  LedgerEntry entry;
  std::optional<TableShape> shape;  ///< nullopt: the table is gone
  std::int64_t rollbacks = 0;       ///< how often it was undone before
  UndoTable report;
};

bool is_undone(const Step& step) {
  return step.shape && !step.report.already;
}

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
  bool is_circular() const;
  void look_ahead();
  void enter(std::size_t number);
  void note_rows(std::size_t number);
  void undo_record(std::size_t number, RowUndo& rows, const UndoRecord& record);
  void add_conflict(Step& step, std::string what);
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
  std::optional<HeldRows> held_;
  bool ahead_ = false;  ///< what is held was settled before anything was undone
};

connect::UndoReport Undoing::run() {
  find_steps();
  std::vector<std::string> tables;
  for (const auto& step : steps_) tables.push_back(step.entry.row.table);
  references_.emplace(database_, tables);
  held_.emplace(database_, steps_.size());
  ahead_ = is_circular();
  if (ahead_) look_ahead();
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (!steps_[i].report.already) undo_rows(steps_[i], i);
  }
  if (!request_.dry_run) references_->check();
  references_.reset();
  held_.reset();
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
    if (entry.row.undone_step() != name) continue;
    ++step.rollbacks;
    step.report.already = entry.row.is_clean();
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
  if (!ahead_) {
    enter(number);
    note_rows(number);
    held_->settle({number});
  }
  std::string layout;
  each_record(step, [&](RowUndo& rows, const UndoRecord& record) {
    const std::string now = wire_of_names(rows.row_columns());
    if (now != layout) references_->enter(*step.shape, rows.row_columns(), false);
    layout = now;
    undo_record(number, rows, record);
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

/// Rows of a circle hold each other: where a child's turn comes after its parent's, what goes is
/// found before anything does.
bool Undoing::is_circular() const {
  for (std::size_t parent = 0; parent < steps_.size(); ++parent) {
    if (steps_[parent].entry.row.inserted == 0 || !is_undone(steps_[parent])) continue;
    for (std::size_t child = parent + 1; child < steps_.size(); ++child) {
      if (!is_undone(steps_[child])) continue;
      const auto& keys = steps_[child].shape->info.foreign_keys;
      const std::string& name = steps_[parent].shape->info.name;
      if (std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.to == name; })) {
        return true;
      }
    }
  }
  return false;
}

void Undoing::look_ahead() {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (!is_undone(steps_[i])) continue;
    enter(i);
    note_rows(i);
    all.push_back(i);
  }
  held_->settle(all);
}

void Undoing::enter(std::size_t number) {
  const Step& step = steps_[number];
  held_->enter(number, *step.shape, step.entry.row.inserted > 0, ahead_);
}

void Undoing::note_rows(std::size_t number) {
  if (!held_->asks_for(number)) return;
  each_record(steps_[number], [&](RowUndo& rows, const UndoRecord& record) {
    if (record.op == Op::kDelete || !removes(rows.look(record)) || rows.current().empty()) return;
    held_->note(number, rows, record);
  });
}

void Undoing::undo_record(std::size_t number, RowUndo& rows, const UndoRecord& record) {
  Step& step = steps_[number];
  const RowState state = rows.look(record);
  if (state == RowState::kAsBefore) return;
  if (!removes(state)) {
    add_conflict(step, rows.key_words(record));
    return;
  }
  const bool goes = record.op == Op::kInsert && !rows.current().empty();
  if (const std::string* holder = goes ? held_->holder(number, rows) : nullptr) {
    add_conflict(step, rows.key_words(record) + " (referenced by " + *holder + ")");
    return;
  }
  if (request_.dry_run) {
    rows.take();
    held_->note_gone(number, rows, record);
  } else {
    rows.restore(record, *references_);
  }
  if (record.op == Op::kInsert) ++step.report.removed;
  if (record.op == Op::kUpdate) ++step.report.restored;
  if (record.op == Op::kDelete) ++step.report.reinserted;
}

void Undoing::add_conflict(Step& step, std::string what) {
  ++step.report.conflict_count;
  if (step.report.conflicts.size() < kNamedConflicts) {
    step.report.conflicts.push_back(std::move(what));
  }
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
  entry.row.step = connect::undo_step(step.name);
  entry.row.chunk = step.rollbacks;
  entry.row.epoch = epoch_;
  entry.row.plan_sha256 = request_.run.plan_sha256;
  entry.row.inserted = step.report.reinserted;
  entry.row.updated = step.report.restored;
  entry.row.deleted = step.report.removed;
  entry.row.created = false;
  entry.row.after_digest.clear();
  entry.row.watermark = connect::conflicts_note(step.report.conflict_count);
  entry.row.committed_us = base::system_clock().now_us();
  insert_ledger(database_, entry);
}

}  // namespace

connect::UndoReport undo_run(Database& database, const connect::UndoRequest& request,
                             std::uint64_t epoch) {
  return Undoing(database, request, epoch).run();
}

}  // namespace engine::connectors::sqlite
