#pragma once

#include <memory>

#include "connect/connection.h"

namespace engine::connectors::postgres {

/// `type: postgres`: databases of PostgreSQL 12 and later, through its own client library.
std::unique_ptr<connect::Connector> postgres_connector();

}  // namespace engine::connectors::postgres
