#pragma once

#include <string>

#include "run/job.h"
#include "run/runner.h"

namespace engine::run {

/// Fills the outcome's tables from what was bound, before anything runs.
void prepare_outcome(const compile::Bound& bound, Outcome& outcome);

/// The run ended early, and another process can go on where it stands: it was stopped, the fault
/// will pass, or the outcome is not known.
bool can_go_on(const Outcome& outcome);

/// Runs a bound plan: every table is staged and checked before anything is published; what blocks
/// one table blocks all. Never throws: errors stand in the outcome, with the exit code.
void execute(Job& job, Runner& runner);

}  // namespace engine::run
