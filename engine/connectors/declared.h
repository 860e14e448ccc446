#pragma once

#include <vector>

#include "plan/option_spec.h"

namespace engine::connectors {

/// The options of every connection type of the plan language, also of those that a later version
/// will open.
std::vector<plan::ConnectorDecl> declared_connectors();

}  // namespace engine::connectors
