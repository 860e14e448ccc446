#pragma once

#include <optional>
#include <set>
#include <string>

#include "cli/commands.h"
#include "cli/general_options.h"
#include "cli/invocation.h"
#include "state/journal.h"

namespace engine::cli {

/// A run of an earlier process that --resume goes on with.
struct Resumed {
  state::RunRecord record;
  std::set<std::string> kept;  ///< tables whose rows lie in its folder as they were read
  /// It was undoing what it had published, after a failure with this exit code.
  std::optional<int> undoing;
};

/// The run that `arguments.resume` names; nullopt when nothing is to be resumed. Profile, variables
/// and chosen rows in `arguments` become those of the run. Throws kUsage E100 when the command line
/// says otherwise, E502, kLocked E501 when the run is still at work, E514 when there is nothing to
/// go on with.
std::optional<Resumed> find_resumed(RunArguments& arguments, const GeneralOptions& general);

/// E514 when the plan is not the one that the run had.
void require_same_plan(const Resumed& resumed, const std::string& digest);

/// The command that goes on with a run.
std::string resume_command(const RunArguments& arguments, const GeneralOptions& general,
                           const std::string& run_id, bool apply);

}  // namespace engine::cli
