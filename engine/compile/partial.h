#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compile/bound.h"

namespace engine::compile {

/// What the command line takes of a plan: `--only TABLE`, `--only TABLE:KEY`, `--limit N`.
struct Selection {
  struct Only {
    std::string table;
    std::string key;  ///< as written behind the colon; empty: the whole table
  };
  std::vector<Only> only;
  std::optional<std::int64_t> limit;

  /// "only orders:42, limit 10"; empty: everything.
  std::string text() const;
};

/// Reads `--only` as it was written. The table is the longest name of the plan before a colon.
/// Errors: E113 with "did you mean".
Selection::Only read_only(const Bound& bound, const std::string& text);

/// The most rows of a table that a run reads: the smaller of the plan's and the command line's.
std::optional<std::int64_t> row_limit(const plan::Table& table, const Selection& selection);

/// After Part was settled for each table: units, checks and modes of a run that leaves tables or
/// rows out. A partial run deletes nothing and judges its own rows; what needs the whole table is
/// skipped and named in Bound::not_proven. Errors: E118 for modes that replace or append.
void leave_out(Bound& bound);

}  // namespace engine::compile
