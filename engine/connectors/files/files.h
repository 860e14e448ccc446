#pragma once

#include <memory>

#include "connect/connection.h"

namespace engine::connectors::files {

/// Connections of type `files`: a folder of CSV, NDJSON and JSON files.
std::unique_ptr<connect::Connector> files_connector();

}  // namespace engine::connectors::files
