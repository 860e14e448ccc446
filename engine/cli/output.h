#pragma once

#include <string>

#include "cli/general_options.h"
#include "run/outcome.h"

namespace engine::cli {

/// Prints a run's result as asked for (text, json, markdown), the summary as the last line on
/// stdout, and says on stderr that a dry run wrote nothing. Returns the exit code.
int print_outcome(const run::Outcome& outcome, const GeneralOptions& general);

/// The change as JSON into a file of the user's; nothing when `path` is empty.
void write_change(const run::Outcome& outcome, const std::string& path);

/// Writes text to stdout; throws kTransient E208 or kState E505 when that fails.
void print(const std::string& text);
/// The JSON of a result to stdout when asked for, and into --json-into.
void print_json(const std::string& json, const GeneralOptions& general);

}  // namespace engine::cli
