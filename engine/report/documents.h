#pragma once

#include <string>

#include "run/outcome.h"

namespace engine::report {

/// report.md: the run for a pull request or an issue. Tables of counts, what failed, limits.
std::string report_markdown(const run::Outcome& outcome);

/// report.html: one file that needs nothing else, readable on a screen and on paper. No script.
std::string report_html(const run::Outcome& outcome);

/// errors.txt: everything that went wrong as a person reads it; empty when nothing did.
std::string errors_text(const run::Outcome& outcome);

}  // namespace engine::report
