#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "connect/read.h"
#include "run/job.h"
#include "stages/image.h"

namespace engine::run {

/// For a `schema` among the checks: the target's table against its declared schema, or `after_run`
/// against what it was when the run began. nullopt: none asks.
std::optional<stages::StructureFact> structure_of(Job& job, std::size_t table,
                                                  const std::vector<stages::BoundCheck>& checks,
                                                  bool after_run);

/// Judges a table's checks on what stands in the target. `run_keys` are the keys of this run's
/// rows, for checks of scope run; nullptr: there is no run, every row is looked at. `also` sees
/// every row. Results go to the table's outcome.
void judge_image(Job& job, std::size_t table, const std::vector<stages::BoundCheck>& checks,
                 connect::Source& image, const state::KeySpool* run_keys, stages::Facts facts,
                 const std::vector<stages::ImageObserver>& also = {});

/// The published checks of a unit, inside its transaction. Throws Blocked when one blocks.
void check_published(Job& job, const compile::Unit& unit, connect::Publisher& publisher);

/// Throws Blocked when the table's outcome has a reason not to publish.
void require_publishable(const TableOutcome& outcome);

/// Makes a table's outcome new, for a second comparison.
void reset_outcome(Job& job, std::size_t table);

/// The spool in which a run's keys are kept for published checks of scope run; nullptr when none
/// asks for it.
std::shared_ptr<state::KeySpool> run_keys(Job& job, std::size_t table);

}  // namespace engine::run
