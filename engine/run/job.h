#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/memory.h"
#include "compile/bound.h"
#include "connect/ledger.h"
#include "connect/write.h"
#include "run/lease.h"
#include "run/observer.h"
#include "run/outcome.h"
#include "run/session.h"
#include "run/stop.h"
#include "stages/check.h"
#include "state/journal.h"
#include "state/key_table.h"
#include "state/run_folder.h"

namespace engine::run {

/// Which tables' rows stay in the run's folder as they were read, so that the run can go on with
/// them.
enum class Keep {
  kNothing,
  kCompared,  ///< not those that are loaded while their unit is open
  kAll,       ///< those, and as they were transformed
};

/// How a run goes on with what was done before.
struct Continued {
  Keep keep = Keep::kNothing;
  bool resumed = false;
  std::int64_t working_since_us = 0;          ///< this process; the run may have begun earlier
  std::set<std::string> kept;                 ///< tables whose rows an earlier process kept
  std::vector<connect::LedgerRow> published;  ///< by earlier processes, oldest first
};

/// Everything a run works with; made by the command line. The outcome is filled while the run goes
/// on: each table's entry by the thread that runs the table.
struct JobParts {
  const plan::Plan& plan;
  const compile::Bound& bound;
  Session& session;
  connect::RunIdentity identity;
  expr::Context context;
  base::MemoryBudget& memory;
  const state::RunFolder& folder;
  state::Journal& journal;
  Observers& observers;
  Stop& stop;
  const base::Clock& clock;
  Outcome& outcome;
  Leases& leases;  ///< of an applied run: the locks of its targets, held
  Continued continued;
};

class Settled;
class Oversight;

/// A reference whose parents are only known when all tables of a circle were read.
struct DeferredReference {
  std::size_t table = 0;
  std::size_t reference = 0;  ///< in BoundTable::references and in the table's outcome
  std::unique_ptr<stages::Check> check;
};

/// The parts, and the keys that tables of one run look up in each other.
class Job : public JobParts {
 public:
  explicit Job(JobParts parts) : JobParts(std::move(parts)) {}

  /// Between two batches: throws E509 when a stop was asked for, E418 when `limits.duration` is
  /// over.
  void keep_going() const;
  /// Throws E418 when the undo of all tables, as far as it is known, is more than `limits.undo`.
  void require_undo_budget() const { require_undo_budget(0); }
  /// The same with so many bytes of a snapshot that is being taken.
  void require_undo_budget(std::uint64_t of_snapshot) const;

  /// Parents' keys by stages::parent_keys_name, whole once the parent's pipeline has ended.
  std::shared_ptr<state::KeySpool> parent_keys(const std::string& name);
  /// The keys of a parent that has ended, in memory; nullptr where they do not fit.
  std::shared_ptr<const state::KeyTable> parent_table(const std::string& name);
  /// Keeps that table in memory until the child has ended, so that what was found to fit still does
  /// when the child's rows pass. False where it does not fit.
  bool hold_parent(std::size_t child, const std::string& name);
  void release_parents(std::size_t child);
  void forget_keys(const std::string& name);

  /// Rows whose orphans were settled before the table's pipeline; nullptr: it reads the source.
  std::shared_ptr<Settled> settled(std::size_t table);
  void keep_settled(std::size_t table, std::shared_ptr<Settled> rows);
  void defer(DeferredReference reference);
  /// Those of the given tables, which are forgotten here.
  std::vector<DeferredReference> take_deferred(const std::vector<std::size_t>& tables);
  /// Follows the source's rows for a check anew; check_runtime() hands it on.
  std::shared_ptr<stages::ReconciledSide> follow_source(
      const std::shared_ptr<const stages::ReconcileSpec>& spec);
  stages::CheckRuntime check_runtime(std::size_t table);
  state::Scratch scratch(const std::string& name) const { return {folder.scratch(), name}; }
  TableOutcome& table_outcome(std::size_t table) { return outcome.tables[table]; }
  /// Of a run that is not a plan's own (a restore); nullptr: none. It outlives the run.
  Oversight* oversight = nullptr;

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<state::KeySpool>> parents_;
  std::map<std::string, std::weak_ptr<const state::KeyTable>> tables_;
  std::map<std::size_t, std::vector<std::shared_ptr<const state::KeyTable>>> held_;  ///< by child
  std::map<std::size_t, std::shared_ptr<Settled>> settled_;
  std::vector<DeferredReference> deferred_;
  std::map<const stages::ReconcileSpec*, std::shared_ptr<stages::ReconciledSide>> sources_;
  std::size_t spools_made_ = 0;
};

}  // namespace engine::run
