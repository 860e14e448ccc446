#include "cli/commands.h"
#include "cli/decide.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/workshop.h"
#include "run/execute.h"
#include "run/runner.h"

namespace engine::cli {

int run_plan(const RunArguments& arguments, const GeneralOptions& general) {
  refuse_later_options(arguments);
  const LoadedPlan loaded = load_plan(arguments.plan);
  const Decision decision = decide(arguments.apply);

  Workshop workshop(loaded, arguments.plan, general, arguments.command, decision.apply,
                    {arguments.only, arguments.limit});
  workshop.outcome().decided_by = decision.decided_by;
  workshop.outcome().fail_on_warn = arguments.fail_on_warn;
  const bool ready = workshop.attempt([&] {
    workshop.bind(decision.apply ? connect::OpenMode::kPublish : connect::OpenMode::kReadTarget);
    if (decision.apply) {
      confirm_apply(arguments.apply, *loaded.plan, workshop.outcome().target_text);
    }
  });
  if (!ready) return print_outcome(workshop.outcome(), general);

  const auto runner =
      decision.apply ? run::live_runner(workshop.job()) : run::dry_runner(workshop.job());
  run::execute(workshop.job(), *runner);
  workshop.finish();
  write_change(workshop.outcome(), arguments.change_into);
  return print_outcome(workshop.outcome(), general);
}

}  // namespace engine::cli
