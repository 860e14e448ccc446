#pragma once

#include <cstdint>
#include <string>

#include "connect/ledger.h"

namespace engine::connect {

/// What all ledgers have in common about their lock rows.

/// The end of a lease lies beyond any clock rather than wrapping around.
std::int64_t end_of_lease(std::int64_t now_us, std::int64_t lease_us);

/// A lock is free when it says so, when its lease is over, when its process certainly lives no
/// more, or when it is held for this very run by this very process.
bool may_take(const LockRow& lock, const RunIdentity& run, std::int64_t now_us);

/// The row of a lock that is taken now: its epoch is one above `held`'s, which may be nullptr.
LockRow taken_lock(const std::string& scope, const LockRow* held, const RunIdentity& run,
                   std::int64_t now_us, std::int64_t lease_us);

/// kLocked E501: who holds `target` ("sqlite data/prod.db"), since when, and the ways out.
[[noreturn]] void throw_held(const std::string& target, const LockRow& lock);
/// kLocked E501: the lock that a run needs is not, or no longer, its own.
[[noreturn]] void throw_not_held(const std::string& target, const std::string& run_id);

}  // namespace engine::connect
