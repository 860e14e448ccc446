#pragma once

#include <memory>

#include "connect/connection.h"

namespace engine::connectors::sqlite {

/// The embedded store: connections of type `sqlite` with the option `path`, relative to the plan's
/// folder.
std::unique_ptr<connect::Connector> sqlite_connector();

}  // namespace engine::connectors::sqlite
