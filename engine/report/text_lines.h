#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/run_text.h"
#include "run/outcome.h"

namespace engine::report {

/// The parts of run_text, each a few lines.

/// The table of counts; unchanged tables folded.
std::vector<std::string> table_lines(const run::Outcome& outcome);
/// FAIL, WARN and ERROR lines of checks with samples, and what stood in a table's way.
std::vector<std::string> finding_lines(const run::Outcome& outcome, const TextOptions& options);
/// FRESH, GUARD and REFS.
std::vector<std::string> limit_lines(const run::Outcome& outcome);
/// Label, text and, where known, the place in the plan at a column of its own.
std::string labelled(std::string_view label, std::string_view text, const base::Span& span = {});

}  // namespace engine::report
