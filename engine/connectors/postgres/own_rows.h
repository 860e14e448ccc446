#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connect/ledger.h"
#include "connectors/postgres/session.h"

namespace engine::connectors::postgres {

/// The session outlives what is made. E119 for a table without a key.
std::unique_ptr<connect::OwnRows> make_own_rows(Session& session, const std::string& table,
                                                const std::vector<std::string>& key,
                                                std::int64_t since_us);

}  // namespace engine::connectors::postgres
