#pragma once

#include <memory>
#include <vector>

#include "connect/connection.h"

namespace engine::connectors {

/// Every connector of this build, one line each.
std::vector<std::unique_ptr<connect::Connector>> builtin_connectors();

}  // namespace engine::connectors
