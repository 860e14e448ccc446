#pragma once

#include "run/outcome.h"
#include "state/run_folder.h"

namespace engine::report {

/// Writes report.json, report.md, report.html, change.json and errors.txt into the run's folder,
/// each aside and renamed. Errors: E505, E208.
void write_artifacts(const run::Outcome& outcome, const state::RunFolder& folder);

}  // namespace engine::report
