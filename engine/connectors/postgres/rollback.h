#pragma once

#include "connect/ledger.h"
#include "connectors/postgres/session.h"

namespace engine::connectors::postgres {

/// Undoes a run inside the open transaction, whose fence was taken; a dry run needs none. Errors:
/// E502 unknown run or table, E506 conflicts, E507 no undo, E512 read back otherwise.
connect::UndoReport undo_run(Session& session, const connect::UndoRequest& request,
                             std::uint64_t epoch);

}  // namespace engine::connectors::postgres
