#pragma once

#include <cstdint>

#include "connect/ledger.h"
#include "connectors/sqlite/database.h"

namespace engine::connectors::sqlite {

/// Undoes the steps of a run by its undo blocks, newest first. The caller has the write
/// transaction, holds the fence, and rolls back when this throws; with `dry_run` nothing is written
/// and no transaction is needed. A row is undone only when its hash is still the one the run left;
/// one that stands as before the run already is left alone and counts as nothing; all others are
/// conflicts, which kForce overwrites. A row that others now reference is a conflict that no choice
/// overwrites. Errors:
///   E502 the run or a step is not in the ledger · E506 a conflict, with kAbort · E507 undo missing
///   or expired · E512 a row read back is not what it should be · E414 undoing would make orphans.
connect::UndoReport undo_run(Database& database, const connect::UndoRequest& request,
                             std::uint64_t epoch);

}  // namespace engine::connectors::sqlite
