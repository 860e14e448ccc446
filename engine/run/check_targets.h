#pragma once

#include "run/job.h"

namespace engine::run {

/// The plan as `engine check` binds it: every check but those on the source's rows is judged on
/// what stands in the target, and every reference is a check of relationships there. With
/// `published_only` the others are left out.
plan::Plan plan_for_checks(const plan::Plan& plan, bool published_only);

/// Judges a plan made by plan_for_checks on its targets, parents first; reads only. Never throws:
/// errors stand in the outcome, with the exit code.
void check_targets(Job& job);

}  // namespace engine::run
