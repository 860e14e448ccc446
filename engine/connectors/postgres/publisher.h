#pragma once

#include <memory>

#include "connect/write.h"
#include "connectors/postgres/shared.h"

namespace engine::connectors::postgres {

std::unique_ptr<connect::Publisher> make_publisher(SharedPtr shared);

}  // namespace engine::connectors::postgres
