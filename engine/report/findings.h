#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/outcome.h"

namespace engine::report {

/// What every form of report asks of an outcome; pure.

/// True when the counts of the comparison stand for something: the table was read to its end and
/// compared.
bool was_compared(const run::TableOutcome& table);
/// True when the table's source was read, if only in part.
bool was_read(const run::TableOutcome& table);
/// True when nothing of a table needs a line of its own.
bool is_unremarkable(const run::TableOutcome& table);

struct CheckCounts {
  std::int64_t ok = 0, warn = 0, fail = 0, error = 0, skipped = 0;
  std::int64_t all() const { return ok + warn + fail + error + skipped; }
};
CheckCounts count_checks(const std::vector<stages::CheckResult>& checks);
/// "11 ok 1 FAIL"; "-" when there are none.
std::string check_counts_text(const CheckCounts& counts);
/// "ok", "WARN", "FAIL", "ERROR", "skipped".
std::string status_word(stages::Status status);
/// Needs a person's eye: warned, failed or could not be evaluated.
bool stands_out(stages::Status status);

/// "6 rows have no parent"
std::string check_message(const stages::CheckResult& check);
/// "requests.regex(email)"
std::string check_name(const stages::CheckResult& check);
/// "31h00 FAIL (error_after 24h)"
std::string freshness_text(const stages::FreshnessResult& freshness);
/// " (2 nulled)": what became of references without parent; empty: there are none, or they fail.
std::string orphans_text(const run::ReferenceResult& found);
/// "crm-promotion @ production"
std::string plan_title(const run::Outcome& outcome);
/// "READ ONLY, nothing was written"
std::string effect_text(const run::Outcome& outcome);
/// The last eight digits of the run's id, by which every command finds the run.
std::string short_id(const run::Outcome& outcome);
/// "read 6 rows, accounted for 5"; empty when the books close.
std::string books_text(const run::TableOutcome& table);
/// "0.3 MB", with "about" where it is an estimate.
/// "3 of 10000 rows rejected (max_rejects 10), see rejects/orders.ndjson"
std::string rejects_text(const run::RejectsResult& rejects);
std::string undo_text(const run::TableOutcome& table);
double seconds_of(const run::Outcome& outcome);

}  // namespace engine::report
