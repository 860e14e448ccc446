#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/decide.h"
#include "cli/invocation.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/targets.h"

namespace engine::cli {
namespace {

using base::Error;
using base::Fault;
using nlohmann::json;

struct Arguments {
  std::string name;  ///< a run, or the id of a lock
  PlanArguments plan;
  bool yes = false;
  GeneralOptions general;
};

std::string holder(const connect::LockRow& lock) {
  return "run " + lock.run_id + " (" + lock.owner + ") since " + base::iso_utc(lock.since_us) +
         ", lock " + lock.lock_id;
}

[[noreturn]] void none_held(const std::string& what, const std::vector<connect::LockRow>& held) {
  std::vector<std::string> texts;
  for (const connect::LockRow& lock : held) texts.push_back(holder(lock));
  throw Error(Fault::kState, "E502", what,
              texts.empty() ? "no lock is held in the targets of the plan"
                            : "held: " + base::join(texts, "; "));
}

void print_result(const Arguments& arguments, const json& document, const std::string& text) {
  print_json(document.dump(2) + "\n", arguments.general);
  if (!arguments.general.wants_json()) print(text);
}

int unlock(const Arguments& arguments) {
  Targets looked(arguments.plan, connect::OpenMode::kReadTarget);
  const std::vector<connect::LockRow> held = looked.held();
  const auto lock = std::find_if(held.begin(), held.end(), [&](const connect::LockRow& one) {
    return one.lock_id == arguments.name;
  });
  if (lock == held.end()) none_held("no lock has the id " + base::quoted(arguments.name), held);
  confirm_action(arguments.yes, "Free the lock of " + holder(*lock));
  Targets targets(arguments.plan, connect::OpenMode::kPublish);
  const int freed =
      targets.each([&](connect::Ledger& ledger) { return ledger.unlock(arguments.name); });
  if (freed == 0) none_held("the lock " + arguments.name + " was given back meanwhile", {});
  print_result(
      arguments, {{"schema_version", 1}, {"lock_id", lock->lock_id}, {"run_id", lock->run_id}},
      "UNLOCKED: " + holder(*lock) + "; what that run still tries to publish is refused\n");
  return 0;
}

int stop(Arguments arguments) {
  const std::string run_id = find_run(arguments.name, arguments.plan, arguments.general);
  Targets looked(arguments.plan, connect::OpenMode::kReadTarget);
  const std::vector<connect::LockRow> held = looked.held();
  const bool holds = std::any_of(held.begin(), held.end(),
                                 [&](const auto& lock) { return lock.run_id == run_id; });
  if (!holds) none_held("run " + run_id + " holds no lock", held);
  Targets targets(arguments.plan, connect::OpenMode::kPublish);
  targets.each([&](connect::Ledger& ledger) { return ledger.ask_to_stop(run_id); });
  print_result(arguments, {{"schema_version", 1}, {"run_id", run_id}},
               "ASKED: run " + run_id + " ends after its current batch; it can be resumed\n");
  return 0;
}

}  // namespace

void add_unlock(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("unlock", "Free the lock of a run that is surely dead, by the lock's id");
  command->footer("Example:\n  engine unlock 9f2c41d07be65a83 --plan plans/crm.yaml --yes");
  const auto held = std::make_shared<Arguments>();
  command->add_option("LOCK_ID", held->name, "As the message of the lock names it")->required();
  add_plan_options(*command, held->plan, "The plan whose targets are meant")->required();
  command->add_flag("--yes", held->yes, "Answer the question asked on a terminal");
  add_general_options(*command, held->general);
  read_environment(*command);
  command->callback([held, &exit_code] { exit_code = unlock(*held); });
}

void add_stop(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("stop", "Ask a run, wherever it runs, to stop after its current batch");
  command->footer("Example:\n  engine stop latest --plan plans/crm.yaml");
  const auto held = std::make_shared<Arguments>();
  command->add_option("RUN", held->name, "Id, unique start of one, 'latest', or a run folder")
      ->required();
  add_plan_options(*command, held->plan, "The plan whose targets are meant");
  add_general_options(*command, held->general);
  read_environment(*command);
  command->callback([held, &exit_code] { exit_code = stop(*held); });
}

}  // namespace engine::cli
