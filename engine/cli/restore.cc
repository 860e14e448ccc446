#include <CLI/CLI.hpp>
#include <filesystem>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/decide.h"
#include "cli/invocation.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/way_back.h"
#include "cli/workshop.h"
#include "connectors/builtin.h"
#include "run/execute.h"
#include "run/restore_plan.h"
#include "run/restoring.h"
#include "run/runner.h"
#include "run/snapshot_connection.h"

namespace engine::cli {
namespace {

struct Arguments {
  std::string snapshot;
  PlanArguments plan;
  std::string side = "target";
  std::string to;
  WayBack back;
  GeneralOptions general;
};

/// Plan, profile and variables are those of the run that took the snapshot, unless the command line
/// says otherwise. Its folder may be gone; the snapshot names plan and profile too.
void take_invocation(Arguments& arguments, const std::string& state,
                     const state::Snapshot& snapshot) {
  PlanArguments of_run;
  of_run.file = snapshot.plan_file;
  of_run.profile = snapshot.profile;
  const std::filesystem::path folder = std::filesystem::path(state) / "runs" / snapshot.id;
  if (std::filesystem::exists(folder / "run.json")) of_run = read_invocation(folder).plan;
  take_missing(arguments.plan, of_run);
}

run::RestoreRequest request_of(Arguments& arguments) {
  const std::string state = state_folder(arguments.general, arguments.plan);
  arguments.general.state = state;
  run::RestoreRequest request;
  const std::string id = state::find_snapshot(state, arguments.snapshot);
  request.snapshot = state::read_snapshot(state, id);
  request.folder = state::snapshot_folder(state, id);
  request.side = arguments.side == "source" ? state::Side::kSource : state::Side::kTarget;
  request.tables = arguments.back.tables;
  request.to = arguments.to;
  request.conflicts = arguments.back.policy();
  take_invocation(arguments, state, request.snapshot);
  return request;
}

/// The plan of the restore, looked up with connections of its own, which are closed again.
run::RestorePlan made_plan(const LoadedPlan& loaded, const run::RestoreRequest& request) {
  const run::Connectors connectors = connectors::builtin_connectors();
  run::Session session(*loaded.plan, connectors, connect::OpenMode::kReadTarget);
  run::RestorePlan made = run::plan_to_restore(*loaded.plan, loaded.graph, session, request);
  const std::int64_t now_us = base::system_clock().now_us();
  if (request.snapshot.expires_us <= now_us) {
    made.notes.push_back("the snapshot expired at " + base::iso_utc(request.snapshot.expires_us) +
                         "; it was kept as one of the newest");
  }
  return made;
}

LoadedPlan loaded_from(run::RestorePlan& made, const std::string& digest) {
  LoadedPlan loaded;
  loaded.diagnostics = std::make_shared<base::Diagnostics>();
  loaded.plan = std::make_unique<plan::Plan>(std::move(made.plan));
  loaded.graph = compile::compile(*loaded.plan, *loaded.diagnostics);
  if (loaded.diagnostics->has_errors()) throw PlanMistakes(loaded.diagnostics);
  loaded.digest = digest;
  return loaded;
}

void confirm(const Arguments& arguments, const run::RestorePlan& made,
             const run::RestoreRequest& request, const std::string& target) {
  if (arguments.back.dry_run) return;
  const bool one = made.tables.size() == 1;
  const std::string what =
      one ? made.tables.front().kept.table : std::to_string(made.tables.size()) + " tables";
  confirm_by_name(arguments.back.yes,
                  "Restore " + what + " in " + target + " from snapshot " + request.snapshot.id,
                  one ? what : std::string("all"));
}

/// Rows of others that were left alone need a person, as those of a rollback do.
void judge(Workshop& workshop, run::Restoring& restoring, bool dry_run) {
  run::Outcome& outcome = workshop.outcome();
  if (!dry_run && outcome.exit_code == 0) {
    if (!workshop.attempt([&] { restoring.verify_published(); })) return;
  }
  if (restoring.conflicts() == 0 || outcome.exit_code != 0) return;
  outcome.exit_code = base::exit_code(base::Fault::kState);
  const std::string rows =
      std::to_string(restoring.conflicts()) + (restoring.conflicts() == 1 ? " row" : " rows");
  outcome.verdict = dry_run ? rows + " of others would be left alone (exit 6)"
                            : "restored, but for " + rows + " of others (exit 6)";
  workshop.end(dry_run ? "blocked" : "failed");
}

int restore(Arguments arguments) {
  const run::RestoreRequest request = request_of(arguments);
  const LoadedPlan whole = load_plan(arguments.plan);
  run::RestorePlan made = made_plan(whole, request);
  const LoadedPlan loaded = loaded_from(made, whole.digest);

  Workshop workshop(
      loaded, arguments.plan, arguments.general,
      {.mode = "restore", .apply = !arguments.back.dry_run, .wanted = {}, .phase = {}});
  workshop.add_connector(run::snapshot_connector(request.folder, request.snapshot, request.side));
  workshop.compare_always();
  workshop.outcome().decided_by = arguments.back.dry_run ? "--dry-run" : "restore";
  const bool ready = workshop.attempt([&] {
    workshop.bind(arguments.back.mode());
    confirm(arguments, made, request, workshop.outcome().target_text);
    const bool waited = !arguments.back.dry_run && workshop.lock(arguments.back.wait_us);
    if (waited) workshop.bind(arguments.back.mode());
  });
  if (!ready) return print_outcome(workshop.outcome(), arguments.general);

  run::Restoring restoring(request, made);
  restoring.attach(workshop.job());
  const auto runner =
      arguments.back.dry_run ? run::dry_runner(workshop.job()) : run::live_runner(workshop.job());
  run::execute(workshop.job(), *runner);
  judge(workshop, restoring, arguments.back.dry_run);
  workshop.finish();
  return print_outcome(workshop.outcome(), arguments.general);
}

}  // namespace

void add_restore(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "restore", "Write the tables of a snapshot back, row by row; rows of others are left alone");
  command->footer(
      "Example:\n  engine restore latest --plan plans/crm.yaml --table orders --dry-run");
  const auto held = std::make_shared<Arguments>();
  command->add_option("SNAPSHOT", held->snapshot, "Id, unique start of one, or 'latest'")
      ->required();
  add_plan_options(*command, held->plan, "The plan, to find its state folder");
  command->add_option("--side", held->side, "Whose tables: those of the plan's target or source")
      ->check(CLI::IsMember({"source", "target"}))
      ->capture_default_str();
  command->add_option("--to", held->to, "Into this connection of the plan instead");
  add_way_back_options(*command, held->back);
  add_general_options(*command, held->general, Forms::kOfRuns);
  read_environment(*command);
  command->callback([held, &exit_code] { exit_code = restore(*held); });
}

}  // namespace engine::cli
