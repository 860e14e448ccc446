#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "cli/general_options.h"
#include "run/chosen_rows.h"
#include "state/journal.h"
#include "state/run_folder.h"

namespace engine::cli {

/// How a run was called for: its plan, profile, variables, and which rows were asked for.
struct Invocation {
  PlanArguments plan;
  run::Wanted wanted;
};

/// Kept in the run's folder (run.json), so that `engine rollback RUN` reaches the same targets and
/// `--resume` goes on with the same work.
void write_invocation(const state::RunFolder& folder, const Invocation& invocation);
/// Throws kState E503 when the file is damaged, E504 of another format version, E513 when missing.
Invocation read_invocation(const std::filesystem::path& run_folder);

/// What the command line leaves out is as `of_run` has it.
void take_missing(PlanArguments& arguments, const PlanArguments& of_run);

/// The journal of a state folder, to look only. E502 when there is none.
std::unique_ptr<state::Journal> journal_in(const std::string& state_dir);

/// The full id of the run that a user names (state::resolve_run); in `plan` what reaches its
/// targets, in `general` its state folder. A run whose folder is gone is known to the ledgers of
/// the plan, where one is named: then `run` as it is. E502 otherwise.
std::string find_run(const std::string& run, PlanArguments& plan, GeneralOptions& general);

}  // namespace engine::cli
