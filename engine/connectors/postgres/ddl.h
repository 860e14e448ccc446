#pragma once

#include <string>
#include <vector>

#include "connect/write.h"
#include "connectors/postgres/session.h"

namespace engine::connectors::postgres {

/// The statements that make a table and its indexes. E314 for what cannot be declared.
std::vector<std::string> create_statements(const Session& session, const std::string& table,
                                           const connect::CreateTable& create);

}  // namespace engine::connectors::postgres
