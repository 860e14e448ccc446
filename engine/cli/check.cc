#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/workshop.h"
#include "run/check_targets.h"

namespace engine::cli {
namespace {

struct Arguments {
  PlanArguments plan;
  std::string stage;
  std::vector<std::string> only;
  std::vector<std::string> tags;
  std::string failed_rows_into;
  bool fail_on_warn = false;
  GeneralOptions general;
};

bool tagged(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
  return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
    return std::find(wanted.begin(), wanted.end(), tag) != wanted.end();
  });
}

void refuse_unknown(const plan::Plan& plan, const std::vector<std::string>& only) {
  for (const std::string& name : only) {
    const bool there = plan.table(name) != nullptr ||
                       std::any_of(plan.tables.begin(), plan.tables.end(),
                                   [&](const plan::Table& table) { return table.covers(name); });
    if (there) continue;
    throw base::Error(base::Fault::kUsage, "E113", "the plan has no table '" + name + "'",
                      "name a table of the plan after --only");
  }
}

/// Leaves only the checks that were asked for; tables stay, since others refer to them.
void choose_checks(plan::Plan& plan, const Arguments& arguments) {
  refuse_unknown(plan, arguments.only);
  for (plan::Table& table : plan.tables) {
    const bool named = arguments.only.empty() ||
                       std::find(arguments.only.begin(), arguments.only.end(), table.name.text) !=
                           arguments.only.end();
    const bool whole = named && (arguments.tags.empty() || tagged(table.tags, arguments.tags));
    if (whole) continue;
    std::erase_if(table.checks, [&](const plan::Check& check) {
      return !named || !tagged(check.tags.list(), arguments.tags);
    });
  }
}

int check(const Arguments& arguments) {
  if (!arguments.failed_rows_into.empty()) {
    throw base::Error(base::Fault::kUsage, "E119",
                      "--failed-rows-into is not available in this version",
                      "the report names samples of failing rows");
  }
  LoadedPlan loaded = load_plan(arguments.plan);
  refuse_unknown(*loaded.plan, arguments.only);
  *loaded.plan = run::plan_for_checks(*loaded.plan, arguments.stage == "published");
  loaded.graph = compile::compile(*loaded.plan, *loaded.diagnostics);
  if (loaded.diagnostics->has_errors()) throw PlanMistakes(loaded.diagnostics);

  Workshop workshop(loaded, arguments.plan, arguments.general,
                    {.mode = "check", .apply = false, .wanted = {}, .phase = {}});
  workshop.outcome().fail_on_warn = arguments.fail_on_warn;
  const bool ready = workshop.attempt([&] {
    workshop.bind(connect::OpenMode::kReadTarget,
                  [&](plan::Plan& plan) { choose_checks(plan, arguments); });
  });
  if (!ready) return print_outcome(workshop.outcome(), arguments.general);
  run::check_targets(workshop.job());
  workshop.finish();
  return print_outcome(workshop.outcome(), arguments.general);
}

}  // namespace

void add_check(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("check", "Run a plan's checks on what stands in the target; reads only");
  command->footer("Example:\n  engine check plans/crm.yaml --stage published --only contacts");
  const auto held = std::make_shared<Arguments>();
  add_plan_arguments(*command, held->plan);
  command->add_option("--stage", held->stage, "Only checks of this stage")
      ->check(CLI::IsMember({"published"}));
  command->add_option("--only", held->only, "Only checks of this table")->allow_extra_args(false);
  command->add_option("--tag", held->tags, "Only checks, or tables, with this tag")
      ->allow_extra_args(false);
  command->add_option("--failed-rows-into", held->failed_rows_into,
                      "Not available in this version");
  command
      ->add_option_function<std::string>(
          "--fail-on", [held](const std::string&) { held->fail_on_warn = true; },
          "Let warnings end with exit code 3")
      ->check(CLI::IsMember({"warn"}));
  add_general_options(*command, held->general, Forms::kOfRuns);
  read_environment(*command);
  command->callback([held, &exit_code] { exit_code = check(*held); });
}

}  // namespace engine::cli
