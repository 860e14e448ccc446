#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "plan/model.h"
#include "run/job.h"
#include "run/outcome.h"
#include "run/session.h"
#include "state/snapshot.h"

namespace engine::run {

/// A table of which a whole copy is wanted.
struct WantedCopy {
  std::string table;  ///< the plan's name
  state::Side side = state::Side::kTarget;
  std::string connection, physical;
  std::vector<std::string> key;  ///< the plan's; for tables without a primary key of their own
  bool is_file = false;          ///< `physical` is its path
};

struct CopyOrder {
  std::vector<WantedCopy> tables;  ///< each physical table of a side once, in plan order
  std::vector<std::string> notes;  ///< what has no table to copy: queries
};

enum class Sides { kSource, kTarget, kBoth };
/// What a plan without patterns has on the sides asked for; of `only` these tables (empty: all).
/// Errors: E521 for files that are not named one by one, E100 for a table the plan does not have.
CopyOrder copies_of(const plan::Plan& plan, Sides sides, const std::vector<std::string>& only);

/// What a snapshot that this run takes now says of itself, before it has tables.
state::Snapshot snapshot_head(const plan::Plan& plan, const Outcome& run, std::int64_t now_us);
/// Copies the tables and reads the copies back. `watch` sees the bytes so far after each batch and
/// may throw; nothing is left then. Errors: E521 for a row that cannot be kept exactly, those of
/// the reads, and of state::SnapshotWriter.
state::Snapshot take_snapshot(Session& session, const CopyOrder& order, state::Snapshot head,
                              const std::filesystem::path& state_dir,
                              const std::function<void(std::uint64_t)>& watch);
SnapshotOutcome outcome_of(const state::Snapshot& snapshot);

/// Of an applied run, under its locks and before anything is published: expired snapshots of the
/// plan go, and where the plan asks for whole copies they are taken. One that a run of this id took
/// before it was interrupted is not taken again.
void keep_snapshot(Job& job);
/// Of a dry run: what that would come to.
void estimate_snapshot(Job& job);

}  // namespace engine::run
