#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/invocation.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "cli/targets.h"
#include "cli/workshop.h"
#include "compile/expand.h"
#include "connectors/builtin.h"
#include "report/snapshots_text.h"
#include "run/snapshot_pruning.h"
#include "run/snapshots.h"
#include "state/run_folder.h"

namespace engine::cli {
namespace {

struct Arguments {
  PlanArguments plan;
  std::string snapshot;
  std::vector<std::string> tables;
  std::string side = "target";
  GeneralOptions general;
};

run::Sides sides_of(const std::string& text) {
  if (text == "source") return run::Sides::kSource;
  return text == "both" ? run::Sides::kBoth : run::Sides::kTarget;
}

/// Patterns are settled by what the sources hold.
plan::Plan settled(const LoadedPlan& loaded, run::Session& session) {
  const auto listing = session.list(compile::connections_to_list(*loaded.plan));
  compile::Expansion expansion = compile::expand(*loaded.plan, listing, *loaded.diagnostics);
  if (loaded.diagnostics->has_errors()) throw PlanMistakes(loaded.diagnostics);
  return std::move(expansion.plan);
}

void create_with(Workshop& workshop, const LoadedPlan& loaded, const Arguments& arguments) {
  const run::Connectors connectors = connectors::builtin_connectors();
  run::Session session(*loaded.plan, connectors, connect::OpenMode::kReadTarget);
  const plan::Plan plan = settled(loaded, session);
  const run::CopyOrder order = run::copies_of(plan, sides_of(arguments.side), arguments.tables);
  const run::Stop& stop = stop_on_signals();
  const state::Snapshot taken = run::take_snapshot(
      session, order, run::snapshot_head(plan, workshop.outcome(), base::system_clock().now_us()),
      workshop.folder().state_dir(), [&stop](std::uint64_t) { stop.check(); });
  workshop.outcome().notes = order.notes;
  workshop.outcome().snapshot = run::outcome_of(taken);
}

int create(const Arguments& arguments) {
  const LoadedPlan loaded = load_plan(arguments.plan);
  Workshop workshop(loaded, arguments.plan, arguments.general,
                    {.mode = "snapshots", .apply = false, .wanted = {}, .phase = {}});
  if (!workshop.attempt([&] { create_with(workshop, loaded, arguments); })) {
    return print_outcome(workshop.outcome(), arguments.general);
  }
  workshop.outcome().verdict = "snapshot taken and read back";
  workshop.end("done");
  return print_outcome(workshop.outcome(), arguments.general);
}

/// Without a plan's name it is the one that ran last.
bool find_plan(Arguments& arguments) {
  if (!arguments.plan.file.empty()) return true;
  const std::string state = state_folder(arguments.general, arguments.plan);
  if (state::run_ids(state).empty()) return false;
  const auto folder = state::resolve_run(state, "latest");
  arguments.plan = read_invocation(folder).plan;
  if (arguments.general.state.empty()) arguments.general.state = state;
  return true;
}

int list(Arguments arguments) {
  const bool planned = find_plan(arguments);
  const std::int64_t now_us = base::system_clock().now_us();
  const std::string state = state_folder(arguments.general, arguments.plan);
  auto entries = run::kept_copies(state, state::snapshot_ids(state), now_us, false);
  if (planned) {
    Targets targets(arguments.plan, connect::OpenMode::kReadTarget);
    for (run::KeptEntry& entry : targets.kept_before_images(now_us)) {
      entries.push_back(std::move(entry));
    }
  }
  print_json(report::kept_json(entries, 0), arguments.general);
  if (!arguments.general.wants_json()) print(report::kept_text(entries, now_us));
  return 0;
}

int verify(const Arguments& arguments) {
  const std::string state = state_folder(arguments.general, arguments.plan);
  const std::vector<std::string> ids =
      arguments.snapshot.empty()
          ? state::snapshot_ids(state)
          : std::vector<std::string>{state::find_snapshot(state, arguments.snapshot)};
  const std::int64_t now_us = base::system_clock().now_us();
  const auto entries = run::kept_copies(state, ids, now_us, true);
  int exit_code = 0;
  for (const run::KeptEntry& entry : entries) {
    if (entry.is_damaged()) exit_code = base::exit_code(base::Fault::kState);
  }
  print_json(report::kept_json(entries, exit_code), arguments.general);
  if (!arguments.general.wants_json()) print(report::kept_text(entries, now_us));
  return exit_code;
}

int prune(const Arguments& arguments) {
  run::PruneRequest request;
  request.state_dir = state_folder(arguments.general, arguments.plan);
  request.now_us = base::system_clock().now_us();
  run::Pruned pruned;
  if (!state::snapshot_ids(request.state_dir).empty()) {
    // Without its journal nobody can say whether a run still needs them.
    pruned = run::prune_snapshots(request, *journal_in(request.state_dir.string()));
  }
  print_json(report::pruned_json(pruned), arguments.general);
  if (!arguments.general.wants_json()) print(report::pruned_text(pruned));
  return 0;
}

constexpr const char* kPlanIs = "The plan whose state folder and targets are meant";

using Work = int (*)(const Arguments&);

CLI::App* add(CLI::App& group, int& exit_code, const char* name, const char* does,
              const std::shared_ptr<Arguments>& held, Work work) {
  CLI::App* command = group.add_subcommand(name, does);
  add_general_options(*command, held->general);
  read_environment(*command);
  command->callback([held, &exit_code, work] { exit_code = work(*held); });
  return command;
}

void add_create(CLI::App& group, int& exit_code) {
  const auto held = std::make_shared<Arguments>();
  CLI::App* command = add(group, exit_code, "create",
                          "Copy a plan's tables into the state folder; reads only", held, create);
  command->footer("Example:\n  engine snapshots create plans/crm.yaml --side both");
  add_plan_arguments(*command, held->plan);
  command->add_option("--table", held->tables, "Only this table of the plan")
      ->allow_extra_args(false);
  command->add_option("--side", held->side, "Whose tables")
      ->check(CLI::IsMember({"source", "target", "both"}))
      ->capture_default_str();
}

}  // namespace

void add_snapshots(CLI::App& app, int& exit_code) {
  CLI::App* group = app.add_subcommand(
      "snapshots", "Create, list, verify and prune what is kept for the way back");
  group->require_subcommand(1);
  add_create(*group, exit_code);
  const auto listed = std::make_shared<Arguments>();
  CLI::App* command =
      add(*group, exit_code, "list", "Whole copies, and before images of runs, table by table",
          listed, [](const Arguments& arguments) { return list(arguments); });
  add_plan_options(*command, listed->plan, kPlanIs);
  const auto verified = std::make_shared<Arguments>();
  command = add(*group, exit_code, "verify", "Read whole copies back and compare their digests",
                verified, verify);
  command->add_option("SNAPSHOT", verified->snapshot,
                      "Id, unique start of one, or 'latest'; all unless named");
  add_plan_options(*command, verified->plan, kPlanIs);
  const auto pruned = std::make_shared<Arguments>();
  command = add(*group, exit_code, "prune", "Remove whole copies that expired", pruned, prune);
  add_plan_options(*command, pruned->plan, kPlanIs);
}

}  // namespace engine::cli
