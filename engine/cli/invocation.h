#pragma once

#include <filesystem>

#include "cli/general_options.h"
#include "state/run_folder.h"

namespace engine::cli {

/// `run.json` in a run's folder: which plan, profile and variables it ran with, so that a later
/// command finds the same targets. Holds no secret: secrets come from the environment again.
void write_invocation(const state::RunFolder& folder, const PlanArguments& arguments);
/// Throws E503 when it is missing or damaged.
PlanArguments read_invocation(const std::filesystem::path& run_folder);

}  // namespace engine::cli
