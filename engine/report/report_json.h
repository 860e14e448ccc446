#pragma once

#include <string>

#include "run/outcome.h"

namespace engine::report {

/// report.json: everything a run says of itself, schema_version 1. Counts are exact 64-bit
/// integers; what nobody looked at is absent, never 0.
std::string report_json(const run::Outcome& outcome);
/// The JSON Schema of report.json.
std::string report_schema_json();

/// change.json: what would change, or was changed, per table, schema_version 1.
std::string change_json(const run::Outcome& outcome);
std::string change_schema_json();

}  // namespace engine::report
