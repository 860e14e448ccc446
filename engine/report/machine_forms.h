#pragma once

#include <string>

#include "run/outcome.h"

namespace engine::report {

/// One JSON object a line for each check of each table (as in report.json, with `table` in front),
/// and a last one of the whole run.
std::string report_ndjson(const run::Outcome& outcome);

/// Workflow commands of GitHub Actions ("::error file=plan.yaml,line=3,col=9,title=...::..."): what
/// stands out, at its place in the plan. Format: docs.github.com, "Workflow commands".
std::string report_github(const run::Outcome& outcome);

/// JUnit XML as test reporters of CI systems read it: a test suite a table; checks, freshness and
/// guards are its test cases. What could not be evaluated, bad rows and errors of the run are
/// <error>.
std::string report_junit(const run::Outcome& outcome);

}  // namespace engine::report
