#pragma once

#include <memory>

#include "connect/ledger.h"
#include "connectors/postgres/shared.h"

namespace engine::connectors::postgres {

std::unique_ptr<connect::Ledger> make_ledger(SharedPtr shared);

}  // namespace engine::connectors::postgres
