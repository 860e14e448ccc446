#include "run/execute.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "run/failures.h"
#include "run/id_maps.h"
#include "run/judging.h"
#include "run/kept_rows.h"
#include "run/left_out.h"
#include "run/scheduler.h"
#include "run/settling.h"
#include "run/target_rows.h"

namespace engine::run {
namespace {

bool stage_table(Job& job, Runner& runner, Failures& failures, std::size_t at) {
  TableOutcome& table = job.table_outcome(at);
  const bool good = guarded(failures, place_of(table), [&] {
    judge_source_age(job, at);
    runner.stage(at);
  });
  if (!good) {
    table.state = TableState::kFailed;
    job.observers.finished({table.name, "check", table.books.read, -1, table.seconds, true, {}});
  }
  return good;
}

/// A circle is read together; orphans that go away are settled before anything is compared.
bool stage_circle(Job& job, Runner& runner, Failures& failures,
                  const std::vector<std::size_t>& tables) {
  const bool settled =
      !runner.follows_references() ||
      guarded(failures, place_of(job.table_outcome(tables.front())), [&] {
        settle_orphans(job, tables, [&job](std::size_t at) { return target_rows(job, at); });
      });
  if (!settled) {
    for (const std::size_t at : tables) job.table_outcome(at).state = TableState::kFailed;
    return false;
  }
  bool good = true;
  for (const std::size_t at : tables) good = good && stage_table(job, runner, failures, at);
  if (!good || !runner.follows_references()) return good;
  return guarded(failures, place_of(job.table_outcome(tables.front())),
                 [&] { judge_deferred(job, tables); });
}

/// The tables of a circle, parents first, as far as they are staged now.
std::vector<std::size_t> circle_in_order(const Job& job, const Runner& runner, std::size_t table) {
  const std::vector<std::size_t> circle = job.bound.graph.circle_of(table);
  std::vector<std::size_t> tables;
  for (const std::size_t at : job.bound.graph.order) {
    if (std::binary_search(circle.begin(), circle.end(), at) && runner.stages_now(at)) {
      tables.push_back(at);
    }
  }
  return tables;
}

/// A table waits for its parents' pipelines, so that their keys are whole when it looks them up.
std::vector<Task> staging_tasks(Job& job, Runner& runner, Failures& failures) {
  const auto last =
      job.journal.last_table_us({job.plan.name.text, job.plan.profile}, !job.outcome.dry_run);
  std::vector<Task> tasks;
  std::vector<std::size_t> task_of(job.bound.tables.size(), SIZE_MAX);
  for (std::size_t at = 0; at < job.bound.tables.size(); ++at) {
    if (!runner.stages_now(at) || task_of[at] != SIZE_MAX) continue;
    Task task;
    task.weight = 0;
    const std::vector<std::size_t> tables = circle_in_order(job, runner, at);
    for (const std::size_t member : tables) {
      task_of[member] = tasks.size();
      const compile::BoundTable& table = job.bound.tables[member];
      if (std::find(task.tokens.begin(), task.tokens.end(), table.source) == task.tokens.end()) {
        task.tokens.push_back(table.source);
      }
      const auto seconds = last.find(table.name);
      task.weight += seconds == last.end() ? 1.0 : static_cast<double>(seconds->second);
    }
    task.work = [&job, &runner, &failures, tables] {
      return stage_circle(job, runner, failures, tables);
    };
    tasks.push_back(std::move(task));
  }
  for (const compile::Edge& edge : job.bound.graph.edges) {
    const std::size_t parent = task_of[edge.parent];
    const std::size_t child = task_of[edge.child];
    if (parent == SIZE_MAX || child == SIZE_MAX || parent == child) continue;
    tasks[child].after.push_back(parent);
  }
  return tasks;
}

void stage_all(Job& job, Runner& runner, Failures& failures) {
  const std::vector<Task> tasks = staging_tasks(job, runner, failures);
  Limits limits;
  limits.workers = static_cast<std::size_t>(std::max(1, job.plan.run.workers));
  limits.capacity = [&job](const std::string& connection) {
    return static_cast<std::size_t>(
        std::max(1, job.session.source(connection).capabilities().max_readers));
  };
  run_tasks(tasks, limits, job.stop);
  if (job.stop.asked()) guarded(failures, "", [&] { job.stop.check(); });
}

std::string still_published(const Outcome& outcome) {
  std::string names;
  for (const TableOutcome& table : outcome.tables) {
    if (table.state != TableState::kPublished) continue;
    names += (names.empty() ? "" : ", ") + table.name;
  }
  return names;
}

/// A stop, or an answer that never came, is no failure: the run can go on where it stands.
void recover(Job& job, Runner& runner, Failures& failures) {
  const auto first = failures.first();
  if (job.stop.asked() || first == base::Fault::kUnknownOutcome) return;
  const int exit_code = base::exit_code(first.value_or(base::Fault::kData));
  const bool undone =
      guarded(failures, "rollback after the failure", [&] { runner.recover(exit_code); });
  if (undone) return;
  const std::string& run_id = job.identity.run_id;
  failures.add_decisive(base::Error(
      base::Fault::kState, "E515", "what the run published stands: " + still_published(job.outcome),
      "when the cause is mended, go on with 'engine rollback " + run_id + "'"));
}

void publish_all(Job& job, Runner& runner, Failures& failures) {
  for (const compile::Unit& unit : job.bound.units) {
    const bool good = guarded(failures, "", [&] { runner.publish(unit); });
    if (good) continue;
    recover(job, runner, failures);
    return;
  }
  if (job.outcome.phase != "merge") guarded(failures, "", [&] { runner.verify(); });
}

void skip_untouched(Outcome& outcome) {
  for (TableOutcome& table : outcome.tables) {
    if (table.state == TableState::kPending) table.state = TableState::kSkipped;
  }
}

std::string status_of(const Outcome& outcome, const Job& job) {
  if (job.stop.asked()) return "stopped";
  if (outcome.exit_code == 0 && can_go_on(outcome)) return "paused";
  if (outcome.rolled_back) return "rolled back";
  if (outcome.exit_code == 0) return "done";
  return outcome.exit_code == base::exit_code(base::Fault::kData) ? "blocked" : "failed";
}

/// Nothing happens to it: it is named, and no more.
void leave_out(TableOutcome& entry) {
  entry.state = TableState::kLeftOut;
  entry.would_create = false;
  entry.notes.clear();
}

/// For `on_new_column` of the next run.
void remember_columns(Job& job) {
  if (!job.outcome.applied || job.outcome.partial || job.outcome.exit_code != 0) return;
  state::Journal::Columns columns;
  for (const compile::BoundTable& table : job.bound.tables) {
    if (!table.create_only) columns.emplace(table.name, table.known_columns);
  }
  job.journal.set_columns({job.plan.name.text, job.plan.profile}, columns);
}

}  // namespace

void prepare_outcome(const compile::Bound& bound, Outcome& outcome) {
  for (const compile::BoundTable& table : bound.tables) {
    TableOutcome entry;
    entry.name = table.name;
    entry.span = table.spec->key.empty() ? table.spec->name.span : table.spec->key.front().span;
    if (!table.create_only) entry.source = table.source + "." + table.read.table;
    entry.target = table.target_name();
    entry.level = table.level;
    entry.warnings_block = outcome.fail_on_warn;
    entry.would_create = table.create.has_value() && !table.already_there;
    entry.load = table.load == compile::Load::kLive ? "live" : "compare";
    entry.notes = table.notes;
    if (table.create_only) entry.state = TableState::kCreateOnly;
    if (table.part == compile::Part::kNone) leave_out(entry);
    outcome.tables.push_back(std::move(entry));
  }
  outcome.not_proven = bound.not_proven;
  outcome.consistency = bound.consistency;
  outcome.partial = bound.partial;
}

bool can_go_on(const Outcome& outcome) {
  if (outcome.rolled_back) return false;
  if (outcome.exit_code == 0) return !outcome.phase.empty() || (outcome.resumed && outcome.dry_run);
  if (outcome.dry_run && outcome.phase.empty()) return false;
  return std::any_of(outcome.errors.begin(), outcome.errors.end(), [](const ErrorOutcome& error) {
    return error.code == "E509" || error.fault == base::fault_name(base::Fault::kTransient) ||
           error.fault == base::fault_name(base::Fault::kUnknownOutcome);
  });
}

void execute(Job& job, Runner& runner) {
  Failures failures(job.outcome);
  tell_read_again(job);
  job.observers.run_started(job.outcome);
  const bool opened = guarded(failures, "", [&] { runner.open(); });
  if (opened && guarded(failures, "", [&] { collect_left_out(job); })) {
    stage_all(job, runner, failures);
    guarded(failures, "", [&] { job.require_undo_budget(); });
    if (!failures.any() && blocked_by(job.outcome).empty()) publish_all(job, runner, failures);
  }
  guarded(failures, "", [&] { runner.close(); });
  // The parts of tables that are done stay until the run is whole.
  if (!failures.any() && blocked_by(job.outcome).empty()) {
    guarded(failures, "map of new ids", [&] { join_id_maps(job); });
  }
  skip_untouched(job.outcome);
  conclude(job, failures);
  guarded(failures, "journal", [&] {
    if (can_go_on(job.outcome)) sync_kept_rows(job);
    remember_columns(job);
    job.journal.end_run(job.identity.run_id, status_of(job.outcome, job), job.outcome.exit_code,
                        job.outcome.ended_us);
  });
  job.observers.run_finished(job.outcome);
}

}  // namespace engine::run
