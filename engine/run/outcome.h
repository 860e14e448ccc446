#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/error.h"
#include "stages/check.h"
#include "stages/freshness.h"

namespace engine::run {

/// Rows of one table in one run. The books close:
///   read = inserted + updated + same + deleted + absent + rejected + filtered + deduped + kept +
///   unmatched
struct Books {
  std::int64_t read = 0;
  std::int64_t inserted = 0, updated = 0, same = 0, deleted = 0;
  std::int64_t rejected = 0, filtered = 0, deduped = 0, kept = 0, absent = 0, unmatched = 0;
  std::int64_t removed = 0;  ///< of the target alone (mirror, replace): nothing of it was read

  std::int64_t accounted() const {
    return inserted + updated + same + deleted + absent + rejected + filtered + deduped + kept +
           unmatched;
  }
  /// Rows that vanish from the target, or are marked there as deleted.
  std::int64_t gone() const { return deleted + removed; }
  bool close() const { return read == accounted(); }
};

/// How far a table came.
enum class TableState {
  kPending,
  kRunning,
  kExtracted,  ///< its rows are in the run's folder
  kStaged,
  kPublished,
  kRolledBack,
  kFailed,
  kSkipped,
  kLeftOut,  ///< no part of a partial run
  kCreateOnly
};
std::string_view table_state_name(TableState state);

/// References of one child column in flight: `resolved` of `looked_at` non-NULL ones; what became
/// of the others.
struct ReferenceResult {
  std::string label;  ///< "requests.agentContactId"
  std::int64_t looked_at = 0;
  std::int64_t resolved = 0;
  std::int64_t nulled = 0, kept = 0, rejected = 0;
};

/// Rows that were read and may not pass.
struct RejectsResult {
  std::int64_t rows = 0;
  std::int64_t rows_read = 0;
  std::string file;                ///< beneath the run's folder; empty: none was written
  std::int64_t lines = 0;          ///< in it; a row has one for each reason
  bool cut = false;                ///< the file holds only the first of them
  std::string limit;               ///< "max_rejects 10"
  bool within = true;              ///< else nothing may be published
  std::vector<std::string> shown;  ///< the first few, one text each
};

struct TableOutcome {
  std::string name;    ///< the plan's
  base::Span span;     ///< of its key in the plan, or of its name
  std::string source;  ///< "staging.contacts"; empty when created only
  std::string target;
  int level = 1;  ///< longest path from a root, from 1
  TableState state = TableState::kPending;
  Books books;
  std::int64_t target_before = 0;
  bool soft_delete = false;  ///< rows that are gone stay in the target, marked
  std::optional<std::int64_t> target_after;
  bool would_create = false;  ///< the table is missing and is (to be) created
  bool created = false;
  std::uint64_t undo_bytes = 0;  ///< written, or estimated in a dry run
  bool undo_estimated = false;
  std::string after_digest;  ///< of the rows written
  double seconds = 0;
  std::string execute = "stream";  ///< how it ran, with the reason
  std::string load;                ///< "compare" | "live" (into an empty target)
  std::vector<stages::CheckResult> checks;
  std::optional<stages::FreshnessResult> freshness;
  std::vector<stages::GuardResult> guards;
  std::vector<ReferenceResult> references;
  std::optional<RejectsResult> rejects;   ///< absent: no row was rejected
  std::vector<std::string> errors;        ///< keys and rows: "[E401] NULL in the key: id=NULL"
  std::int64_t conflict_count = 0;        ///< of a restore: rows that others changed, left alone
  std::vector<std::string> conflicts;     ///< their keys, at most 100
  std::optional<std::int64_t> read_back;  ///< of a restore: rows that stand as they were kept
  bool warnings_block = false;            ///< --fail-on warn
  std::vector<std::string> notes;         ///< triggers, partitions a target lacks, sorting, ...
};

/// The whole copies that a run takes before it changes anything.
struct SnapshotOutcome {
  struct Table {
    std::string table;
    std::string side;      ///< "source" | "target"
    std::string place;     ///< "prod.orders"
    bool missing = false;  ///< there is no such table yet
    std::int64_t rows = 0;
    std::uint64_t bytes = 0;  ///< of the file, or estimated
  };
  std::string id;          ///< empty: none was taken
  bool estimated = false;  ///< what an applied run would take
  std::int64_t expires_us = 0;
  std::vector<Table> tables;

  std::int64_t rows() const;
  std::uint64_t bytes() const;
};

struct ErrorOutcome {
  std::string code;
  std::string fault;
  std::string message;
  std::string help;
  std::vector<std::string> context;
};

/// Everything the reports say about a run.
struct Outcome {
  std::string command;  ///< "run" | "plan" | "check" | "rollback" | "snapshots" | "restore"
  std::string engine_version;
  std::string run_id;
  std::string plan_file, plan_name, plan_sha256, profile;
  bool is_protected = false;
  std::string source_text, target_text;  ///< "sqlite data/staging.db"
  bool applied = false;                  ///< something was published (and stands)
  bool dry_run = true;
  std::string chosen;  ///< "only orders:42, limit 10": what a run was asked for; empty: everything
  bool partial = false;       ///< only some rows of tables
  std::string phase;          ///< the last one that was asked for; empty: all
  bool resumed = false;       ///< an earlier process began it
  std::string resume;         ///< the command that goes on with the run; empty: there is nothing to
  bool fail_on_warn = false;  ///< warnings block, as failures do
  std::string decided_by;  ///< where the decision to apply or not came from: "default", "--apply",
                           ///< "DRY_RUN=0"
  std::int64_t started_us = 0, ended_us = 0;
  std::vector<TableOutcome> tables;  ///< in plan order
  std::vector<std::string> notes;    ///< of the plan as a whole: what patterns took
  std::vector<std::string> not_proven;
  std::string consistency;                  ///< what the reads saw: "one snapshot of staging"
  std::optional<SnapshotOutcome> snapshot;  ///< absent: the plan asks for none
  std::string on_failure;
  bool rolled_back = false;
  std::vector<ErrorOutcome> errors;
  std::string run_folder;
  std::uint64_t peak_memory_bytes = 0;
  std::optional<double> last_run_seconds;
  int exit_code = 0;
  std::string
      verdict;  ///< "ready to apply", "blocked by 1 check and 1 freshness limit (exit 3)", ...

  TableOutcome* table(std::string_view name);
  const TableOutcome* table(std::string_view name) const;
};

}  // namespace engine::run
