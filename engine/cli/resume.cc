#include "cli/resume.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/error.h"
#include "base/text.h"
#include "cli/load.h"
#include "connect/owner.h"
#include "run/kept_rows.h"
#include "run/resume.h"
#include "state/run_folder.h"

namespace engine::cli {
namespace {

using base::Error;
using base::Fault;

constexpr const char* kUnfinished[] = {"running", "paused", "failed", "blocked", "stopped"};

bool is_unfinished(const state::RunRecord& run) {
  return std::find(std::begin(kUnfinished), std::end(kUnfinished), run.status) !=
         std::end(kUnfinished);
}

bool moves_data(const state::RunRecord& run) {
  return run.mode == "run" || run.mode == "plan";
}

/// The newest run of the plan; finished dry runs left nothing to go on with and are passed over.
state::RunRecord newest_of_plan(state::Journal& journal, const std::string& plan_file) {
  const std::string file = std::filesystem::absolute(plan_file).string();
  for (state::RunRecord& run : journal.runs()) {
    const bool idle = !run.applied && run.status == "done";
    if (run.plan_file == file && moves_data(run) && !idle) return std::move(run);
  }
  throw Error(Fault::kState, "E502", "no run of " + plan_file + " is there to go on with",
              "see 'engine runs'");
}

state::RunRecord find_record(const RunArguments& arguments, const std::string& state) {
  const auto journal = journal_in(state);
  if (arguments.resume->empty()) return newest_of_plan(*journal, arguments.plan.file);
  const auto folder = state::resolve_run(state, *arguments.resume);
  const auto run = journal->run(folder.filename().string());
  if (run) return *run;
  throw Error(Fault::kState, "E502", "the journal does not know run " + folder.filename().string(),
              "see 'engine runs'");
}

void require_unfinished(const state::RunRecord& run) {
  const bool gone = connect::owner_is_gone(run.owner) || run.owner == connect::process_owner();
  if (run.status == "running" && !gone && connect::parse_owner(run.owner)) {
    throw Error(Fault::kLocked, "E501",
                "run " + run.run_id + " is still at work (" + run.owner + ")",
                "wait for it, or end it with 'engine stop " + run.run_id + "'");
  }
  if (moves_data(run) && is_unfinished(run)) return;
  throw Error(Fault::kState, "E514",
              "run " + run.run_id + " cannot go on: " +
                  (moves_data(run) ? "it is " + run.status : "it is no run but a " + run.mode),
              "start a new run");
}

/// What the command line says of profile and rows must be what the run had.
void take_invocation(RunArguments& arguments, const std::filesystem::path& folder) {
  const Invocation of_run = read_invocation(folder);
  const auto refuse = [&](const std::string& what) {
    throw Error(Fault::kUsage, "E100", what + " is not what the run was started with",
                "leave it out: --resume takes it from the run");
  };
  if (!arguments.plan.profile.empty() && arguments.plan.profile != of_run.plan.profile) {
    refuse("--profile " + arguments.plan.profile);
  }
  if (!arguments.plan.set.empty() && arguments.plan.set != of_run.plan.set) refuse("--set");
  if (!arguments.only.empty() && arguments.only != of_run.wanted.only) refuse("--only");
  if (arguments.limit && arguments.limit != of_run.wanted.limit) refuse("--limit");
  arguments.plan.profile = of_run.plan.profile;
  arguments.plan.set = of_run.plan.set;
  arguments.only = of_run.wanted.only;
  arguments.limit = of_run.wanted.limit;
}

}  // namespace

std::optional<Resumed> find_resumed(RunArguments& arguments, const GeneralOptions& general) {
  if (!arguments.resume) return std::nullopt;
  const std::string state = state_folder(general, arguments.plan);
  Resumed resumed;
  resumed.record = find_record(arguments, state);
  require_unfinished(resumed.record);
  take_invocation(arguments, resumed.record.folder);
  const auto journal = journal_in(state);
  for (const state::StageRecord& stage : journal->stages(resumed.record.run_id)) {
    const bool whole = stage.stage == "extract" && stage.status == "done";
    if (whole && stage.detail == run::kKeptRows) resumed.kept.insert(stage.table);
  }
  for (const state::UnitRecord& unit : journal->units(resumed.record.run_id)) {
    if (unit.unit != run::kOwnRollback || unit.state != "intent") continue;
    int code = base::exit_code(Fault::kData);
    std::from_chars(unit.detail.data(), unit.detail.data() + unit.detail.size(), code);
    resumed.undoing = code;
  }
  return resumed;
}

void require_same_plan(const Resumed& resumed, const std::string& digest) {
  if (resumed.record.plan_sha256 == digest) return;
  throw Error(Fault::kState, "E514",
              "run " + resumed.record.run_id + " cannot go on: its plan was changed since",
              "go on with the plan as it was, or undo the run with 'engine rollback " +
                  resumed.record.run_id + "' and start a new one; nothing was written");
}

std::string resume_command(const RunArguments& arguments, const GeneralOptions& general,
                           const std::string& run_id, bool apply) {
  std::string command = "engine run " + arguments.plan.file + " --resume " + run_id;
  if (!general.state.empty()) command += " --state " + general.state;
  if (apply) command += " --apply";
  if (apply && arguments.apply.yes) command += " --yes";
  if (apply && !arguments.apply.confirm.empty()) command += " --confirm " + arguments.apply.confirm;
  return command;
}

}  // namespace engine::cli
