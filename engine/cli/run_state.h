#pragma once

#include <optional>
#include <string>
#include <vector>

#include "state/journal.h"

namespace engine::cli {

/// "running", "killed", "done" ...: a run that was killed never said how it ended.
std::string status_text(const state::RunRecord& run);

/// Where a run that was meant to publish and did not come to its end stands.
struct RunState {
  std::vector<std::string> stands;    ///< tables that its targets have
  std::vector<std::string> not_done;  ///< the others
  std::string unknown;                ///< why the targets could not be asked; empty: they were
  std::string go_on;                  ///< the command to go on with
};

/// Asks the ledgers of the run's targets, which have the last word. nullopt for runs that are at
/// work, are done, or wrote nothing.
std::optional<RunState> run_state(state::Journal& journal, const state::RunRecord& run);

}  // namespace engine::cli
