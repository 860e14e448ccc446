#include "connectors/postgres/rollback.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "connectors/postgres/block_undo.h"

namespace engine::connectors::postgres {
namespace {

using base::Error;
using base::Fault;
using connect::Conflicts;
using connect::UndoTable;

std::string first_names(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  const std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kShown)));
  return base::join(shown, "; ") + (names.size() > kShown ? "; ..." : "");
}

/// One step of the run to be undone.
struct Step {
  LedgerEntry entry;
  std::optional<TableShape> shape;  ///< nullopt: the table is gone
  std::int64_t rollbacks = 0;       ///< how often it was undone before
  UndoTable report;
};

class Undoing {
 public:
  Undoing(Session& session, const connect::UndoRequest& request, std::uint64_t epoch)
      : session_(session), request_(request), epoch_(epoch) {}

  connect::UndoReport run();

 private:
  Step find_step(const std::vector<LedgerEntry>& entries, const std::string& name);
  [[noreturn]] void throw_unknown_run();
  void require_undo(const Step& step);
  void undo_rows(Step& step);
  void undo_creation(Step& step);
  void enter_in_ledger(const Step& step);

  Session& session_;
  const connect::UndoRequest& request_;
  std::uint64_t epoch_;
};

connect::UndoReport Undoing::run() {
  const auto entries = read_ledger(session_, request_.undo_run_id);
  if (entries.empty()) throw_unknown_run();
  std::vector<Step> steps;
  for (const auto& name : request_.steps) steps.push_back(find_step(entries, name));
  session_.run("SET CONSTRAINTS ALL DEFERRED");
  for (Step& step : steps) {
    if (!step.report.already) undo_rows(step);
  }
  session_.run("SET CONSTRAINTS ALL IMMEDIATE");
  connect::UndoReport report;
  for (Step& step : steps) {
    if (!step.report.already) {
      undo_creation(step);
      step.report.verified = !request_.dry_run;
      if (!request_.dry_run) enter_in_ledger(step);
    }
    report.tables.push_back(std::move(step.report));
  }
  return report;
}

void Undoing::throw_unknown_run() {
  std::vector<std::string> runs;
  for (const auto& entry : read_ledger(session_, "")) {
    if (std::find(runs.begin(), runs.end(), entry.row.run_id) == runs.end()) {
      runs.push_back(entry.row.run_id);
    }
  }
  throw Error(
      Fault::kState, "E502",
      session_.self() + ": run " + base::quoted(request_.undo_run_id) + " published nothing here",
      runs.empty() ? "no run published anything here"
                   : "the runs there are: " + base::join(runs, ", "));
}

Step Undoing::find_step(const std::vector<LedgerEntry>& entries, const std::string& name) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& entry) { return entry.row.step == name; });
  if (found == entries.end()) {
    throw Error(Fault::kState, "E502",
                "run " + base::quoted(request_.undo_run_id) + " published no table " +
                    base::quoted(name) + " to " + session_.self());
  }
  Step step;
  step.entry = *found;
  step.report.step = name;
  step.report.table = found->row.table;
  step.shape = load_shape(session_, found->row.table);
  for (const auto& entry : entries) {
    if (entry.row.undone_step() != name) continue;
    ++step.rollbacks;
    step.report.already = entry.row.is_clean();
  }
  if (!step.report.already) require_undo(step);
  return step;
}

void Undoing::require_undo(const Step& step) {
  const auto& row = step.entry.row;
  if (row.inserted + row.updated + row.deleted == 0) return;
  const auto& expires = row.undo_expires_us;
  if (expires && *expires > server_now_us(session_)) return;
  throw Error(Fault::kState, "E507",
              "the undo of table " + base::quoted(row.step) + " of run " + row.run_id +
                  (expires ? " expired at " + base::iso_utc(*expires)
                           : std::string(" is not there any more")),
              "nothing was written; restore the rows from a backup, and raise snapshot.retain in "
              "the plan");
}

void Undoing::undo_rows(Step& step) {
  const auto& row = step.entry.row;
  if (!step.shape) {
    if (row.created) return;
    throw Error(Fault::kState, "E506",
                "table " + base::quoted(row.table) + " is not there any more",
                "nothing was written; restore the table from a backup");
  }
  if (!request_.dry_run) {
    session_.run("LOCK TABLE " + step.shape->sql_name + " IN SHARE ROW EXCLUSIVE MODE");
  }
  for (const std::int64_t chunk : undo_chunks(session_, row.run_id, row.step)) {
    const UndoEntry entry = read_undo(session_, row.run_id, row.step, chunk);
    BlockUndo block(session_, *step.shape, entry);
    block.look(request_.conflicts == Conflicts::kForce, step.report);
    if (!request_.dry_run) block.restore();
  }
  if (request_.conflicts != Conflicts::kAbort || step.report.conflict_count == 0) return;
  throw Error(
      Fault::kState, "E506",
      fmt::format("table {}: {} rows were changed since the run: {}", base::quoted(row.table),
                  step.report.conflict_count, first_names(step.report.conflicts)),
      "nothing was written; --conflicts skip leaves these rows alone, --conflicts force "
      "overwrites them");
}

/// A table the run created goes when nothing of anybody else is in it or hangs on it.
void Undoing::undo_creation(Step& step) {
  if (!step.entry.row.created || !step.shape) return;
  const std::string& name = step.shape->sql_name;
  const std::int64_t rows = session_.query("SELECT count(*) FROM " + name).integer(0, 0);
  const std::int64_t left = request_.dry_run ? rows - step.report.removed : rows;
  const bool untouched = left == 0 && step.shape->info.referenced_by.empty() &&
                         definition_text(session_, step.shape->oid) == step.entry.created_sql;
  step.report.dropped = untouched;
  step.report.kept_created = !untouched;
  if (untouched && !request_.dry_run) session_.run("DROP TABLE " + name);
}

/// Entered under the run that was undone, so that its receipts tell the whole story.
void Undoing::enter_in_ledger(const Step& step) {
  LedgerEntry entry;
  entry.row = step.entry.row;
  entry.row.step = connect::undo_step(step.report.step);
  entry.row.chunk = step.rollbacks;
  entry.row.epoch = epoch_;
  entry.row.plan_sha256 = request_.run.plan_sha256;
  entry.row.inserted = step.report.reinserted;
  entry.row.updated = step.report.restored;
  entry.row.deleted = step.report.removed;
  entry.row.created = false;
  entry.row.after_digest.clear();
  entry.row.watermark = connect::conflicts_note(step.report.conflict_count);
  entry.row.committed_us = server_now_us(session_);
  insert_ledger(session_, entry);
}

}  // namespace

connect::UndoReport undo_run(Session& session, const connect::UndoRequest& request,
                             std::uint64_t epoch) {
  return Undoing(session, request, epoch).run();
}

}  // namespace engine::connectors::postgres
