#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connect/ledger.h"
#include "connectors/sqlite/database.h"

namespace engine::connectors::sqlite {

/// connect::Ledger::own_rows. What the runs left is noted in a temporary table of digests: of rows
/// they wrote, of keys they took away, and of rows they took away. Reads `_engine_undo` once.
std::unique_ptr<connect::OwnRows> make_own_rows(const std::shared_ptr<Database>& database,
                                                const std::string& table,
                                                const std::vector<std::string>& key,
                                                std::int64_t since_us);

}  // namespace engine::connectors::sqlite
