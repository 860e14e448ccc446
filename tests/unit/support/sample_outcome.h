#pragma once

#include "run/outcome.h"

namespace engine::testing {

/// A dry run of two tables, one of them blocked by a check and a freshness limit: the example of
/// the documentation.
run::Outcome blocked_dry_run();

/// A table that was read and compared and of which nothing changes.
run::TableOutcome unchanged_table(const std::string& name);

}  // namespace engine::testing
