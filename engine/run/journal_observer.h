#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "run/observer.h"
#include "state/journal.h"

namespace engine::run {

/// Enters the stages of a run into its journal, so that another shell can see how far it is; a
/// running stage at most once a second. The journal outlives it.
std::unique_ptr<Observer> make_journal_observer(state::Journal& journal, std::string run_id,
                                                const base::Clock& clock);

}  // namespace engine::run
