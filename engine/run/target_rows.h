#pragma once

#include <cstdint>
#include <memory>

#include "connect/read.h"
#include "connect/write.h"
#include "run/job.h"

namespace engine::run {

/// The target's rows for a comparison; nullptr where the table is missing, was seen empty, or
/// nobody looks at its rows.
std::unique_ptr<connect::Source> target_rows(Job& job, std::size_t table);
/// Rows of the target are read before anything is written: what is written follows from them.
bool reads_target(const compile::BoundTable& table);

/// About how many bytes the undo of these changes takes: key and hash of each row, and the row as
/// it was where there was one.
std::uint64_t estimate_undo(const connect::ChangeBatch& changes);

}  // namespace engine::run
