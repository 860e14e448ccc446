#include "connect/lock.h"

#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "connect/owner.h"

namespace engine::connect {
namespace {

constexpr std::size_t kLockIdDigits = 16;

}  // namespace

std::int64_t end_of_lease(std::int64_t now_us, std::int64_t lease_us) {
  std::int64_t end = 0;
  return __builtin_add_overflow(now_us, lease_us, &end) ? INT64_MAX : end;
}

bool may_take(const LockRow& lock, const RunIdentity& run, std::int64_t now_us) {
  if (lock.state == "free" || lock.lease_until_us <= now_us) return true;
  if (lock.run_id == run.run_id && lock.owner == run.owner) return true;
  return owner_is_gone(lock.owner);
}

LockRow taken_lock(const std::string& scope, const LockRow* held, const RunIdentity& run,
                   std::int64_t now_us, std::int64_t lease_us) {
  LockRow lock;
  lock.scope = scope;
  lock.epoch = held == nullptr ? 1 : held->epoch + 1;
  lock.run_id = run.run_id;
  lock.owner = run.owner;
  lock.lock_id = base::random_hex(kLockIdDigits);
  lock.since_us = now_us;
  lock.lease_until_us = end_of_lease(now_us, lease_us);
  lock.state = "held";
  return lock;
}

void throw_held(const std::string& target, const LockRow& lock) {
  throw base::Error(
      base::Fault::kLocked, "E501",
      fmt::format("{} is locked by run {} ({}) since {}; its lease ends at {}", target, lock.run_id,
                  lock.owner, base::iso_utc(lock.since_us), base::iso_utc(lock.lease_until_us)),
      fmt::format(
          "nothing was written; wait for it with --wait 10m, or ask it to stop with 'engine "
          "stop {}'. The lock of a dead process is free at once on its host, and elsewhere "
          "when the lease has ended, or with 'engine unlock {}'",
          lock.run_id, lock.lock_id));
}

void throw_not_held(const std::string& target, const std::string& run_id) {
  throw base::Error(base::Fault::kLocked, "E501",
                    target + ": run " + run_id + " does not hold the lock",
                    "nothing was written; run the same command again");
}

}  // namespace engine::connect
