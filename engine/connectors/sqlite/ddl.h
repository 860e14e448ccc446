#pragma once

#include <string>
#include <vector>

#include "connect/write.h"

namespace engine::connectors::sqlite {

/// The statements that make the table with its indexes. Partitions and clusters have no meaning
/// here and are left out. Key columns are NOT NULL, which the store does not ask of them by itself;
/// a key of one int64 column is the row number. E314 when the definition cannot be made.
std::vector<std::string> create_statements(const std::string& table,
                                           const connect::CreateTable& create);

}  // namespace engine::connectors::sqlite
