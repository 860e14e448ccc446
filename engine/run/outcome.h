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
///   read = inserted + updated + same + rejected + filtered + deduped + kept   (+ deleted, absent,
///   unmatched: 0 here)
struct Books {
  std::int64_t read = 0;
  std::int64_t inserted = 0, updated = 0, same = 0, deleted = 0;
  std::int64_t rejected = 0, filtered = 0, deduped = 0, kept = 0, absent = 0, unmatched = 0;

  std::int64_t accounted() const {
    return inserted + updated + same + deleted + absent + rejected + filtered + deduped + kept +
           unmatched;
  }
  bool close() const { return read == accounted(); }
};

/// How far a table came.
enum class TableState {
  kPending,
  kRunning,
  kStaged,
  kPublished,
  kRolledBack,
  kFailed,
  kSkipped,
  kCreateOnly
};
std::string_view table_state_name(TableState state);

/// References of one child column in flight: `resolved` of `looked_at` non-NULL ones.
struct ReferenceResult {
  std::string label;  ///< "requests.agentContactId"
  std::int64_t looked_at = 0;
  std::int64_t resolved = 0;
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
  std::vector<std::string> errors;  ///< keys and rows: "[E401] NULL in the key: id=NULL"
  bool warnings_block = false;      ///< --fail-on warn
  std::vector<std::string> notes;   ///< triggers, partitions a target lacks, sorting, ...
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
  std::string command;  ///< "run" | "plan" | "check" | "rollback"
  std::string engine_version;
  std::string run_id;
  std::string plan_file, plan_name, plan_sha256, profile;
  bool is_protected = false;
  std::string source_text, target_text;  ///< "sqlite data/staging.db"
  bool applied = false;                  ///< something was published (and stands)
  bool dry_run = true;
  bool fail_on_warn = false;  ///< warnings block, as failures do
  std::string decided_by;  ///< where the decision to apply or not came from: "default", "--apply",
                           ///< "DRY_RUN=0"
  std::int64_t started_us = 0, ended_us = 0;
  std::vector<TableOutcome> tables;  ///< in plan order
  std::vector<std::string> notes;    ///< of the plan as a whole: what patterns took
  std::vector<std::string> not_proven;
  std::string consistency;  ///< what the reads saw: "one snapshot of staging"
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
