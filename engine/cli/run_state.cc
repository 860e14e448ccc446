#include "cli/run_state.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "cli/invocation.h"
#include "cli/resume.h"
#include "cli/targets.h"
#include "connect/owner.h"

namespace engine::cli {
namespace {

bool is_over(const std::string& status) {
  return status == "running" || status == "done" || status == "rolled back";
}

std::vector<std::string> tables_of(state::Journal& journal, const std::string& run_id) {
  std::vector<std::string> tables;
  for (const state::StageRecord& stage : journal.stages(run_id)) {
    const bool known = std::find(tables.begin(), tables.end(), stage.table) != tables.end();
    if (!known && !stage.table.empty()) tables.push_back(stage.table);
  }
  return tables;
}

void ask_targets(const PlanArguments& plan, const std::string& run_id, RunState& state,
                 std::vector<std::string>& tables) {
  Targets targets(plan, connect::OpenMode::kReadTarget);
  for (const plan::Table* table : targets.loaded().graph.tables) {
    const std::string& name = table->name.text;
    const bool known = std::find(tables.begin(), tables.end(), name) != tables.end();
    if (!known && !table->pattern) tables.push_back(name);
  }
  const std::set<std::string> standing = targets.standing(run_id);
  for (const std::string& table : tables) {
    (standing.contains(table) ? state.stands : state.not_done).push_back(table);
  }
}

}  // namespace

std::string status_text(const state::RunRecord& run) {
  if (run.status == "running" && connect::owner_is_gone(run.owner)) return "killed";
  return run.status;
}

std::optional<RunState> run_state(state::Journal& journal, const state::RunRecord& run) {
  if (run.mode != "run" || is_over(status_text(run))) return std::nullopt;
  RunState state;
  state.go_on = "engine run " + run.plan_file + " --resume " + run.run_id;
  if (run.applied) state.go_on += " --apply";
  std::vector<std::string> tables = tables_of(journal, run.run_id);
  try {
    ask_targets(read_invocation(run.folder).plan, run.run_id, state, tables);
  } catch (const base::Error& error) {
    state.unknown = error.message();
  } catch (const PlanMistakes&) {
    state.unknown = "the plan " + run.plan_file + " has mistakes by now";
  }
  return state;
}

}  // namespace engine::cli
