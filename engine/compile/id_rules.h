#pragma once

#include <string>

#include "base/diagnostic.h"
#include "compile/graph.h"
#include "plan/model.h"

namespace engine::compile {

/// What can be said offline of id maps and of the references that go through them. Mistakes go to
/// `diagnostics` (E104, E107, E113, E118, E310).
void check_ids(const plan::Plan& plan, const Graph& graph, base::Diagnostics& diagnostics);

/// The rule that fills one of a table's columns from an id map; nullptr: none.
const plan::ColumnRule* id_rule(const plan::Table& table, std::string_view map);

/// The child's column that holds the key a reference is judged by: `into`, or its one column.
const base::Located& reference_column(const plan::Reference& reference);

}  // namespace engine::compile
