#pragma once

#include <filesystem>

#include "cli/general_options.h"
#include "run/chosen_rows.h"
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

}  // namespace engine::cli
