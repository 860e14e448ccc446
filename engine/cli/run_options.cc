#include <CLI/CLI.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "data/value_text.h"

namespace engine::cli {
namespace {

/// Options of the command line that this version knows and refuses by name.
constexpr const char* kLaterOptions[] = {"--expect", "--allow", "--full-refresh", "--from"};

void add_later_options(CLI::App& command, std::vector<std::string>& later) {
  for (const char* name : kLaterOptions) {
    command
        .add_option_function<std::vector<std::string>>(
            name, [name, &later](const std::vector<std::string>&) { later.emplace_back(name); },
            "Not available in this version")
        ->expected(0, 1)
        ->allow_extra_args(false);
  }
}

void add_fail_on(CLI::App& command, RunArguments& arguments) {
  command
      .add_option_function<std::string>(
          "--fail-on", [&arguments](const std::string&) { arguments.fail_on_warn = true; },
          "Let warnings end with exit code 3")
      ->check(CLI::IsMember({"warn"}));
}

std::string at_least_one(const std::string& text) {
  const auto number = data::parse_int64(text);
  return number && *number > 0 ? "" : "'" + text + "' is no whole number from 1";
}

void add_row_options(CLI::App& command, RunArguments& arguments) {
  command
      .add_option("--only", arguments.only,
                  "Only this table, or with TABLE:KEY (the source's key) this row with its parents")
      ->allow_extra_args(false);
  command
      .add_option("--limit", arguments.limit,
                  "Only the first N rows of each table in key order, with their parents")
      ->type_name("N")
      ->check(at_least_one, "");
}

void add_phase_options(CLI::App& command, RunArguments& arguments) {
  command
      .add_option("--phase", arguments.phase,
                  "Stop after this phase; --resume goes on with the same rows")
      ->check(CLI::IsMember({"extract", "transform", "check", "merge", "verify"}));
  command
      .add_option_function<std::vector<std::string>>(
          "--resume",
          [&arguments](const std::vector<std::string>& run) {
            arguments.resume = run.empty() ? "" : run.front();
          },
          "Go on with a run that was interrupted; the newest of the plan unless named")
      ->expected(0, 1)
      ->type_name("[RUN]")
      ->allow_extra_args(false);
}

void add_apply_options(CLI::App& command, ApplyArguments& apply) {
  command.add_flag("--apply", apply.apply, "Publish; without it nothing is written");
  command.add_flag("--dry-run", apply.dry_run, "Say what would change (the default)");
  command.add_flag("--yes", apply.yes, "Answer the question that --apply asks on a terminal");
  command.add_option("--confirm", apply.confirm, "Name the protected profile to apply to");
}

struct Registered {
  RunArguments arguments;
  GeneralOptions general;
};

void finish_command(CLI::App& command, const std::shared_ptr<Registered>& held, int& exit_code) {
  add_fail_on(command, held->arguments);
  add_row_options(command, held->arguments);
  add_later_options(command, held->arguments.later);
  add_general_options(command, held->general, Forms::kOfRuns);
  read_environment(command);
  command.callback([held, &exit_code] { exit_code = run_plan(held->arguments, held->general); });
}

}  // namespace

void refuse_later_options(const RunArguments& arguments) {
  if (arguments.later.empty()) return;
  throw base::Error(base::Fault::kUsage, "E119",
                    arguments.later.front() + " is not available in this version",
                    "run the whole plan; nothing was written");
}

void add_run(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("run", "Run a plan; a dry run unless --apply is given");
  command->footer(
      "Examples:\n"
      "  engine run plans/crm.yaml --profile production --apply --confirm production\n"
      "  engine run plans/crm.yaml --only orders:42 --apply\n"
      "  engine run plans/crm.yaml --only 'lines:{\"order_id\":42,\"nr\":1}'\n"
      "  engine run plans/crm.yaml --limit 100 --apply\n"
      "  engine run plans/crm.yaml --resume --apply");
  const auto held = std::make_shared<Registered>();
  add_plan_arguments(*command, held->arguments.plan);
  add_apply_options(*command, held->arguments.apply);
  add_phase_options(*command, held->arguments);
  add_wait(*command, held->arguments.wait_us,
           "Wait so long for a lock that another run holds, then plan anew");
  finish_command(*command, held, exit_code);
}

void add_plan(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("plan", "Say what a run would change; writes nothing");
  command->footer("Example:\n  engine plan plans/crm.yaml --out change.json");
  const auto held = std::make_shared<Registered>();
  held->arguments.command = "plan";
  held->arguments.apply.dry_run = true;
  add_plan_arguments(*command, held->arguments.plan);
  command->add_option("--out", held->arguments.change_into, "Write the change into this file");
  finish_command(*command, held, exit_code);
}

}  // namespace engine::cli
