#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/outcome.h"
#include "run/snapshot_listing.h"
#include "run/snapshot_pruning.h"

namespace engine::report {

/// "SNAPSHOT 20261121-...: 4 tables, 13463 rows, 0.3 MB, read back; kept until ..."; of a dry run
/// what would be taken.
std::string snapshot_line(const run::SnapshotOutcome& snapshot);
/// The copies that were just taken, a line each.
std::vector<std::string> snapshot_lines(const run::SnapshotOutcome& snapshot);

/// What is kept, a line each; the last line counts.
std::string kept_text(const std::vector<run::KeptEntry>& entries, std::int64_t now_us);
std::string kept_json(const std::vector<run::KeptEntry>& entries, int exit_code);
std::string pruned_text(const run::Pruned& pruned);
std::string pruned_json(const run::Pruned& pruned);

}  // namespace engine::report
