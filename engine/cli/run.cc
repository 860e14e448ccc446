#include "cli/commands.h"
#include "cli/decide.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/resume.h"
#include "cli/workshop.h"
#include "run/execute.h"
#include "run/runner.h"

namespace engine::cli {
namespace {

/// Locks first where an earlier process may have published: what it did is asked for under its
/// lock. Else a plan that does not fit leaves nothing behind, not even a lock.
void prepare(Workshop& workshop, const RunArguments& arguments, const LoadedPlan& loaded,
             bool apply) {
  const auto mode = apply ? connect::OpenMode::kPublish : connect::OpenMode::kReadTarget;
  const bool resumed = workshop.outcome().resumed;
  if (!(apply && resumed)) workshop.bind(mode);
  if (!apply) return;
  if (resumed) workshop.connect(mode);
  confirm_apply(arguments.apply, *loaded.plan, workshop.outcome().target_text);
  const bool waited = workshop.lock(arguments.wait_us);
  if (waited || resumed) workshop.bind(mode);
}

std::unique_ptr<run::Runner> make_runner(run::Job& job, const std::string& phase, bool apply) {
  if (phase == "extract") return run::extract_runner(job);
  return apply ? run::live_runner(job) : run::dry_runner(job);
}

bool publishes(const std::string& phase) {
  return phase.empty() || phase == "merge" || phase == "verify";
}

}  // namespace

int run_plan(RunArguments arguments, const GeneralOptions& general) {
  refuse_later_options(arguments);
  const std::optional<Resumed> resumed = find_resumed(arguments, general);
  if (resumed && resumed->undoing) return finish_rollback(*resumed, arguments, general);
  const LoadedPlan loaded = load_plan(arguments.plan);
  if (resumed) require_same_plan(*resumed, loaded.digest);
  const Decision decision = decide(arguments.apply);
  const bool apply = decision.apply && publishes(arguments.phase);

  Workshop workshop(loaded, arguments.plan, general,
                    {arguments.command,
                     apply,
                     {arguments.only, arguments.limit},
                     arguments.phase,
                     resumed ? &*resumed : nullptr});
  run::Outcome& outcome = workshop.outcome();
  outcome.decided_by = decision.decided_by;
  outcome.fail_on_warn = arguments.fail_on_warn;
  const bool ready = workshop.attempt([&] { prepare(workshop, arguments, loaded, apply); });
  if (!ready) return print_outcome(outcome, general);

  run::execute(workshop.job(), *make_runner(workshop.job(), arguments.phase, apply));
  if (run::can_go_on(outcome)) {
    outcome.resume = resume_command(arguments, general, outcome.run_id, decision.apply);
  }
  workshop.finish();
  write_change(outcome, arguments.change_into);
  return print_outcome(outcome, general);
}

}  // namespace engine::cli
