#include "run/execute.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "run/failures.h"
#include "run/judging.h"
#include "run/scheduler.h"

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

/// A table waits for its parents' pipelines, so that their keys are whole when it looks them up.
std::vector<Task> staging_tasks(Job& job, Runner& runner, Failures& failures) {
  const auto last =
      job.journal.last_table_us({job.plan.name.text, job.plan.profile}, !job.outcome.dry_run);
  std::vector<Task> tasks;
  std::vector<std::size_t> task_of(job.bound.tables.size(), SIZE_MAX);
  for (std::size_t at = 0; at < job.bound.tables.size(); ++at) {
    if (!runner.stages_now(at)) continue;
    task_of[at] = tasks.size();
    const compile::BoundTable& table = job.bound.tables[at];
    Task task;
    task.tokens = {table.source};
    const auto seconds = last.find(table.name);
    task.weight = seconds == last.end() ? 1.0 : static_cast<double>(seconds->second);
    task.work = [&job, &runner, &failures, at] { return stage_table(job, runner, failures, at); };
    tasks.push_back(std::move(task));
  }
  for (const compile::Edge& edge : job.bound.graph.edges) {
    if (task_of[edge.child] == SIZE_MAX || task_of[edge.parent] == SIZE_MAX) continue;
    tasks[task_of[edge.child]].after.push_back(task_of[edge.parent]);
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

void publish_all(Job& job, Runner& runner, Failures& failures) {
  for (const compile::Unit& unit : job.bound.units) {
    const bool good = guarded(failures, "", [&] { runner.publish(unit); });
    if (good) continue;
    guarded(failures, "rollback after the failure", [&] { runner.recover(); });
    return;
  }
  guarded(failures, "", [&] { runner.verify(); });
}

void skip_untouched(Outcome& outcome) {
  for (TableOutcome& table : outcome.tables) {
    if (table.state == TableState::kPending) table.state = TableState::kSkipped;
  }
}

std::string status_of(const Outcome& outcome, const Job& job) {
  if (job.stop.asked()) return "stopped";
  if (outcome.rolled_back) return "rolled back";
  if (outcome.exit_code == 0) return "done";
  return outcome.exit_code == base::exit_code(base::Fault::kData) ? "blocked" : "failed";
}

/// For `on_new_column` of the next run.
void remember_columns(Job& job) {
  if (!job.outcome.applied || job.outcome.exit_code != 0) return;
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
    entry.would_create = table.create.has_value();
    entry.load = table.load == compile::Load::kLive ? "live" : "compare";
    entry.notes = table.notes;
    if (table.create_only) entry.state = TableState::kCreateOnly;
    outcome.tables.push_back(std::move(entry));
  }
  outcome.not_proven = bound.not_proven;
  outcome.consistency = bound.consistency;
}

void execute(Job& job, Runner& runner) {
  Failures failures(job.outcome);
  job.observers.run_started(job.outcome);
  const bool opened = guarded(failures, "", [&] { runner.open(); });
  if (opened) {
    stage_all(job, runner, failures);
    guarded(failures, "", [&] { job.require_undo_budget(); });
    if (!failures.any() && blocked_by(job.outcome).empty()) publish_all(job, runner, failures);
  }
  guarded(failures, "", [&] { runner.close(); });
  skip_untouched(job.outcome);
  conclude(job, failures);
  guarded(failures, "journal", [&] {
    remember_columns(job);
    job.journal.end_run(job.identity.run_id, status_of(job.outcome, job), job.outcome.exit_code,
                        job.outcome.ended_us);
  });
  job.observers.run_finished(job.outcome);
}

}  // namespace engine::run
