#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/invocation.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/resume.h"
#include "cli/signals.h"
#include "cli/way_back.h"
#include "cli/workshop.h"
#include "plan/reader.h"
#include "report/run_text.h"
#include "run/failures.h"
#include "run/undoing.h"
#include "state/journal.h"

namespace engine::cli {
namespace {

using nlohmann::json;

struct Arguments {
  std::string run;
  PlanArguments plan;
  WayBack back;
  GeneralOptions general;
};

/// The latest run that was there to publish, or restore: dry runs and rollbacks have nothing to
/// undo.
std::string latest_applied(const std::string& state) {
  constexpr std::size_t kLookedAt = 1000;
  const auto journal = state::Journal::open_to_read(state);
  if (!journal) return "latest";
  for (const state::RunRecord& run : journal->runs(kLookedAt)) {
    if (run.applied && (run.mode == "run" || run.mode == "restore")) return run.run_id;
  }
  return "latest";
}

/// Where the journal says that the run published, as far as the plan still has it.
std::vector<std::string> published_to(Workshop& workshop, const plan::Plan& plan,
                                      const std::string& run_id) {
  std::vector<std::string> connections;
  for (const state::UnitRecord& unit : workshop.journal().units(run_id)) {
    std::string connection = unit.unit.substr(0, unit.unit.find('/'));
    if (plan.connection(connection) != nullptr) connections.push_back(std::move(connection));
  }
  return connections;
}

void keep_report(Workshop& workshop, const connect::UndoReport& report) {
  for (const connect::UndoTable& table : report.tables) {
    run::TableOutcome& outcome = workshop.outcome().tables.emplace_back();
    outcome.name = table.step;
    outcome.target = table.table;
    outcome.state = run::TableState::kRolledBack;
    outcome.notes.push_back("removed " + std::to_string(table.removed) + ", restored " +
                            std::to_string(table.restored) + ", reinserted " +
                            std::to_string(table.reinserted) + ", conflicts " +
                            std::to_string(table.conflict_count));
  }
}

json report_json(const connect::UndoReport& report, const std::string& run, bool dry_run,
                 int exit_code) {
  json tables = json::array();
  for (const connect::UndoTable& table : report.tables) {
    tables.push_back({{"table", table.step},
                      {"target", table.table},
                      {"removed", table.removed},
                      {"restored", table.restored},
                      {"reinserted", table.reinserted},
                      {"dropped", table.dropped},
                      {"kept_created", table.kept_created},
                      {"already_undone", table.already},
                      {"conflict_count", table.conflict_count},
                      {"conflicts", table.conflicts},
                      {"verified", table.verified}});
  }
  return {{"schema_version", 1},
          {"run_id", run},
          {"dry_run", dry_run},
          {"tables", tables},
          {"exit_code", exit_code}};
}

int exit_code_of(const connect::UndoReport& report) {
  for (const connect::UndoTable& table : report.tables) {
    if (table.conflict_count > 0) return base::exit_code(base::Fault::kState);
  }
  return 0;
}

connect::UndoReport undo(Workshop& workshop, const LoadedPlan& loaded, const Arguments& arguments,
                         const std::string& run_id) {
  workshop.connect(arguments.back.mode());
  if (!arguments.back.dry_run) {
    confirm_action(arguments.back.yes,
                   "Roll back run " + run_id + " in " + workshop.outcome().target_text);
  }
  run::RollbackRequest request;
  request.undo_run_id = run_id;
  request.tables = arguments.back.tables;
  request.conflicts = arguments.back.policy();
  request.dry_run = arguments.back.dry_run;
  request.patience = patience_of(arguments.back.wait_us);
  request.connections = published_to(workshop, *loaded.plan, run_id);
  try {
    return run::roll_back(loaded.graph, workshop.session(), workshop.identity(), request,
                          stop_on_signals());
  } catch (const base::Error& error) {
    if (error.fault() != base::Fault::kData) throw;
    // What was published stands: that is for a person to mend, not for the owner of the data.
    throw base::Error(base::Fault::kState, error.code(), error.message(), error.help());
  }
}

/// The journal's word on a run that is undone as a whole.
void note_in_journal(Workshop& workshop, const Arguments& arguments, const std::string& run_id) {
  if (arguments.back.dry_run || !arguments.back.tables.empty()) return;
  workshop.journal().set_status(run_id, "rolled back");
}

int rollback(Arguments arguments) {
  if (arguments.run == "latest") {
    arguments.run = latest_applied(state_folder(arguments.general, arguments.plan));
  }
  const std::string run_id = find_run(arguments.run, arguments.plan, arguments.general);
  const LoadedPlan loaded = load_plan(arguments.plan);
  Workshop workshop(
      loaded, arguments.plan, arguments.general,
      {.mode = "rollback", .apply = !arguments.back.dry_run, .wanted = {}, .phase = {}});
  connect::UndoReport report;
  const bool done = workshop.attempt([&] { report = undo(workshop, loaded, arguments, run_id); });
  if (!done) return print_outcome(workshop.outcome(), arguments.general);
  const int exit_code = exit_code_of(report);
  keep_report(workshop, report);
  workshop.outcome().exit_code = exit_code;
  workshop.outcome().verdict = arguments.back.dry_run ? "ready to roll back" : "rolled back";
  if (exit_code == 0) note_in_journal(workshop, arguments, run_id);
  workshop.end(exit_code == 0 ? "done" : "failed");
  print_json(report_json(report, run_id, arguments.back.dry_run, exit_code).dump(2) + "\n",
             arguments.general);
  if (!arguments.general.wants_json()) {
    print(report::rollback_text(report, run_id, workshop.outcome().target_text,
                                arguments.back.dry_run));
  }
  return exit_code;
}

}  // namespace

int finish_rollback(const Resumed& resumed, const RunArguments& run,
                    const GeneralOptions& general) {
  Arguments arguments;
  arguments.run = resumed.record.folder;
  arguments.plan = run.plan;
  arguments.back.yes = run.apply.yes || run.apply.apply || !run.apply.confirm.empty();
  arguments.back.wait_us = run.wait_us;
  arguments.general = general;
  const int exit_code = rollback(arguments);
  return exit_code == 0 ? *resumed.undoing : exit_code;
}

void add_rollback(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "rollback", "Undo what a run published, row by row; rows changed since are left alone");
  command->footer("Example:\n  engine rollback latest --plan plans/crm.yaml --dry-run");
  const auto held = std::make_shared<Arguments>();
  command->add_option("RUN", held->run, "Id, unique start of one, 'latest', or a run folder")
      ->required();
  add_plan_options(*command, held->plan, "The plan, where the run's folder is lost");
  add_way_back_options(*command, held->back);
  add_general_options(*command, held->general);
  read_environment(*command);
  command->callback([held, &exit_code] { exit_code = rollback(*held); });
}

}  // namespace engine::cli
