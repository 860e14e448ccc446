#pragma once

#include <string>
#include <vector>

#include "compile/graph.h"
#include "plan/model.h"
#include "run/session.h"
#include "state/snapshot.h"

namespace engine::run {

/// What `engine restore` is asked for.
struct RestoreRequest {
  std::filesystem::path folder;  ///< of the snapshot
  state::Snapshot snapshot;
  state::Side side = state::Side::kTarget;
  std::vector<std::string> tables;  ///< plan names; empty: all of the side
  std::string to;                   ///< a connection of the plan; empty: where each table lay
  connect::Conflicts conflicts = connect::Conflicts::kSkip;
};

/// One table to write back.
struct Restored {
  state::KeptTable kept;
  std::string connection;          ///< where it goes
  std::string physical;            ///< its name there
  bool same_place = true;          ///< where it came from
  std::vector<std::string> notes;  ///< for the reports
};

/// A restore as a plan: its source is the snapshot, its tables mirror it row by row. Parents come
/// before the tables that refer to them.
struct RestorePlan {
  plan::Plan plan;
  std::vector<Restored> tables;  ///< as the plan's
  /// Files that others changed since: they are left alone, and not in the plan.
  std::vector<std::string> spared_files;
  std::vector<std::string> notes;
};

/// A file is one thing: true where none stands, or what stands there a run of the engine wrote
/// since the snapshot.
bool may_overwrite_file(Session& session, const Restored& file);
/// E506: somebody else changed it.
[[noreturn]] void refuse_file(const Restored& file);

/// Looks at what stands in the targets (`session` reads) and makes the plan. `graph` is the graph
/// of the plan that the snapshot is of. Errors: E520 for a table or side that the snapshot does not
/// have; E522 for a table that is not as it was, or a connection that leads somewhere else; with
/// Conflicts::kAbort E506 for a file that others changed.
RestorePlan plan_to_restore(const plan::Plan& plan, const compile::Graph& graph, Session& session,
                            const RestoreRequest& request);

}  // namespace engine::run
