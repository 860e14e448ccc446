#pragma once

#include "base/diagnostic.h"
#include "plan/model.h"

namespace engine::compile {

/// Reports the options of a table that do not go together with its mode of merging or with each
/// other (E118), and those that miss another one (E107). The table "What combines with what" in
/// plans/README.md says the same, cell by cell.
void hold_merge(const plan::Table& table, base::Diagnostics& diagnostics);

}  // namespace engine::compile
