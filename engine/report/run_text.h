#pragma once

#include <string>

#include "connect/ledger.h"
#include "run/outcome.h"

namespace engine::report {

struct TextOptions {
  bool colour = false;      ///< words are coloured; meaning never hangs on it
  std::size_t samples = 3;  ///< failing rows shown per check
};

/// What `plan` and a run print on stdout: a line a table (unchanged ones folded to one), then what
/// failed with its place in the plan, freshness, guards, references, time, what is not proven, and
/// the verdict. Ends with a newline.
std::string run_text(const run::Outcome& outcome, const TextOptions& options = {});

/// What `check` prints: a line a check with its counts, then as run_text.
std::string checks_text(const run::Outcome& outcome, const TextOptions& options = {});

/// What a rollback did, or would do, table by table; conflicts named by key.
std::string rollback_text(const connect::UndoReport& report, const std::string& run_id,
                          const std::string& target, bool dry_run);

/// The copies that `engine snapshots create` took.
std::string snapshot_text(const run::Outcome& outcome);

/// The last line on stdout. "DRY RUN: nothing was written", or what was published and how to undo
/// it; no newline.
std::string summary_line(const run::Outcome& outcome);

}  // namespace engine::report
