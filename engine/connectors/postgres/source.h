#pragma once

#include <memory>

#include "connect/read.h"
#include "connectors/postgres/session.h"

namespace engine::connectors::postgres {

/// Reads a table, or a query that was described before, in a session that nobody else uses
/// meanwhile, inside its open transaction.
std::unique_ptr<connect::Source> open_source(SessionPtr session,
                                             const connect::ReadRequest& request);

/// The same through a cursor: the session goes on to be used for other work of its transaction.
std::unique_ptr<connect::Source> open_cursor_source(SessionPtr session,
                                                    const connect::ReadRequest& request);

}  // namespace engine::connectors::postgres
