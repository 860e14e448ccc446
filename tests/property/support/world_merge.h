#pragma once

#include <string>

#include "property/support/random_world.h"

namespace engine::testing {

/// The `merge` of a table in the plan; empty for what needs no word.
std::string merge_option(const WorldTable& table);

/// What the merge of a table is in plain SQL, with the source attached as `source`.
std::string merge_sql(const WorldTable& table);

std::string column_list(const std::vector<std::string>& names);
std::vector<std::string> column_names(const WorldTable& table);

}  // namespace engine::testing
