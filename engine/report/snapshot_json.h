#pragma once

#include "report/json_object.h"
#include "run/outcome.h"

namespace engine::report {

/// The copies that a run takes first, as its report has them.
JsonObject<run::SnapshotOutcome> snapshot_fields();

}  // namespace engine::report
