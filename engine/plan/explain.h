#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plan/model.h"
#include "plan/reference.h"

namespace engine::plan {

/// The merged table, one line a value with the file and line it came from. Variables are replaced,
/// secrets are not shown. nullopt when the plan has no such table.
std::optional<std::string> explain_table(const Plan& plan, std::string_view table);

}  // namespace engine::plan
