#pragma once

#include <map>
#include <string>
#include <vector>

#include "connect/ledger.h"
#include "run/job.h"

namespace engine::run {

/// One published table: where, and by which name of the plan.
struct UndoStep {
  std::string connection;
  std::string step;
};

/// Undoes steps of this very run, the last first; the outcome tells what came of it. Throws E512 or
/// E506 when something stands that should not.
void undo_own_steps(Job& job, const std::vector<UndoStep>& steps);

/// What `engine rollback` is asked for.
struct RollbackRequest {
  std::string undo_run_id;
  std::vector<std::string> tables;  ///< plan names; empty: all
  /// Connections of the plan that the run published to, where that is known, beside its targets: a
  /// restore may have written elsewhere.
  std::vector<std::string> connections;
  connect::Conflicts conflicts = connect::Conflicts::kSkip;
  bool dry_run = false;
  Leases::Patience patience;  ///< with locks that others hold
};

/// Undoes a run in all targets of the plan, tables in reverse order of their references. Takes the
/// targets' locks unless it is a dry run. Throws E502 when no target knows the run, E507, E501,
/// E506.
connect::UndoReport roll_back(const compile::Graph& graph, Session& session,
                              const connect::RunIdentity& identity, const RollbackRequest& request,
                              Stop& stop);

}  // namespace engine::run
