#pragma once

#include <vector>

#include "plan/option_spec.h"

namespace engine::stages {

/// The options of every check of the plan language, also of those that a later version will run.
std::vector<plan::CheckDecl> declared_checks();

}  // namespace engine::stages
