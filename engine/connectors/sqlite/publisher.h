#pragma once

#include <memory>

#include "connect/write.h"
#include "connectors/sqlite/connection.h"

namespace engine::connectors::sqlite {

/// One transaction a unit, on the connection's main handle; its read sources must be gone before
/// begin().
std::unique_ptr<connect::Publisher> make_publisher(SharedPtr shared);

}  // namespace engine::connectors::sqlite
