#pragma once

#include <filesystem>
#include <memory>

#include "connect/connection.h"
#include "state/snapshot.h"

namespace engine::run {

/// The type, in a plan made for a restore, of the connection that a snapshot is.
inline constexpr const char* kSnapshotType = "snapshot";

/// One side of a snapshot as a source: its tables go by their names in the plan. Read only, one
/// state of all tables; several reads side by side are fine.
std::unique_ptr<connect::Connector> snapshot_connector(std::filesystem::path folder,
                                                       state::Snapshot snapshot, state::Side side);

}  // namespace engine::run
