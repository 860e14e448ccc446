#pragma once

#include <memory>

#include "connect/ledger.h"
#include "connectors/sqlite/connection.h"

namespace engine::connectors::sqlite {

/// On the connection's watch handle; with a connection opened for reading, on its main one, and
/// then only receipts() and a dry apply_undo() answer.
std::unique_ptr<connect::Ledger> make_ledger(SharedPtr shared);

}  // namespace engine::connectors::sqlite
