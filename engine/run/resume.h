#pragma once

#include <string>
#include <vector>

#include "compile/bound.h"
#include "connect/ledger.h"
#include "run/lease.h"
#include "run/outcome.h"
#include "state/journal.h"

namespace engine::run {

/// The journal's unit under which a run undoes what it published itself; its detail is the exit
/// code of the failure that made it do so.
inline constexpr const char* kOwnRollback = "rollback";

/// What the run's targets say that it published, oldest first; their locks are held, so nothing can
/// be added to it. E514 when some of it was undone since: such a run cannot be gone on with.
std::vector<connect::LedgerRow> published_by(const Leases& leases, const std::string& run_id);

/// Takes what is published out of what is left to do.
void skip_published(compile::Bound& bound, const std::vector<connect::LedgerRow>& published);

/// Says of the tables that are published what the ledger and the journal know of them.
void tell_published(Outcome& outcome, const std::vector<connect::LedgerRow>& published,
                    const std::vector<state::UnitRecord>& units);

/// The numbers of these tables as the journal keeps them: JSON.
std::string books_text(const Outcome& outcome, const std::vector<std::string>& tables);

}  // namespace engine::run
