#include "connectors/sqlite/ledger.h"

#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "connect/owner.h"
#include "connectors/sqlite/engine_tables.h"
#include "connectors/sqlite/rollback.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using base::Fault;
using connect::LockRow;

constexpr int kRenewWaitMs = 1000;
constexpr int kWaitForLocksMs = 3000;

/// The end of a lease lies beyond any clock rather than wrapping around.
std::int64_t end_of_lease(std::int64_t now_us, std::int64_t lease_us) {
  std::int64_t end = 0;
  return __builtin_add_overflow(now_us, lease_us, &end) ? INT64_MAX : end;
}

void write_lock(Database& database, const LockRow& lock) {
  auto statement = database.prepare(
      "INSERT INTO _engine_lock (scope, epoch, run_id, owner, lock_id, lease_until_us, since_us,"
      " state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (scope) DO UPDATE SET"
      " epoch = ?2, run_id = ?3, owner = ?4, lock_id = ?5, lease_until_us = ?6, since_us = ?7,"
      " state = ?8");
  statement.bind_text(1, lock.scope).bind(2, static_cast<std::int64_t>(lock.epoch));
  statement.bind_text(3, lock.run_id).bind_text(4, lock.owner).bind_text(5, lock.lock_id);
  statement.bind(6, lock.lease_until_us).bind(7, lock.since_us).bind_text(8, lock.state);
  statement.run();
}

[[noreturn]] void throw_held(const Database& database, const LockRow& lock) {
  throw Error(Fault::kLocked, "E501",
              fmt::format("sqlite {} is locked by run {} ({}) since {}; its lease ends at {}",
                          database.label(), lock.run_id, lock.owner, base::iso_utc(lock.since_us),
                          base::iso_utc(lock.lease_until_us)),
              "nothing was written; wait until that run ends. If its process is dead, the lock is "
              "free at once on the same host, and elsewhere when the lease has ended");
}

/// A lock is free when it says so, when its lease is over, when its process certainly lives no
/// more, or when it is held for this very run by this very process.
bool may_take(const LockRow& lock, const connect::RunIdentity& run, std::int64_t now_us) {
  if (lock.state == "free" || lock.lease_until_us <= now_us) return true;
  if (lock.run_id == run.run_id && lock.owner == run.owner) return true;
  return connect::owner_is_gone(lock.owner);
}

class SqliteLedger final : public connect::Ledger {
 public:
  explicit SqliteLedger(SharedPtr shared)
      : shared_(std::move(shared)), database_(shared_->watch ? *shared_->watch : *shared_->main) {}

  LockRow acquire(const connect::RunIdentity& run, std::int64_t lease_us) override;
  bool renew(const LockRow& lock, std::int64_t lease_us) override;
  void release(const LockRow& lock) override;
  std::vector<connect::LedgerRow> receipts(const std::string& run_id) override;
  connect::UndoReport apply_undo(const connect::UndoRequest& request) override;
  std::uint64_t prune(std::int64_t now_us, const std::string& keep_run) override;

 private:
  template <typename Work>
  auto in_transaction(const Work& work);
  LockRow take(const connect::RunIdentity& run, std::int64_t lease_us);
  bool extend(const LockRow& lock, std::int64_t lease_us);

  SharedPtr shared_;
  Database& database_;
  std::optional<std::uint64_t> epoch_;  ///< of the lock taken last by this object
};

template <typename Work>
auto SqliteLedger::in_transaction(const Work& work) {
  const auto guard = database_.lock();
  database_.run("BEGIN IMMEDIATE");
  try {
    auto result = work();
    database_.run("COMMIT");
    return result;
  } catch (...) {
    database_.rollback();
    throw;
  }
}

LockRow SqliteLedger::acquire(const connect::RunIdentity& run, std::int64_t lease_us) {
  const LockRow lock = in_transaction([&] { return take(run, lease_us); });
  epoch_ = lock.epoch;
  return lock;
}

LockRow SqliteLedger::take(const connect::RunIdentity& run, std::int64_t lease_us) {
  create_engine_tables(database_);
  const std::int64_t now_us = base::system_clock().now_us();
  const auto held = read_lock(database_);
  if (held && !may_take(*held, run, now_us)) throw_held(database_, *held);
  LockRow lock;
  lock.scope = kScope;
  lock.epoch = held ? held->epoch + 1 : 1;
  lock.run_id = run.run_id;
  lock.owner = run.owner;
  lock.lock_id = base::random_hex(16);
  lock.since_us = now_us;
  lock.lease_until_us = end_of_lease(now_us, lease_us);
  lock.state = "held";
  write_lock(database_, lock);
  return lock;
}

bool SqliteLedger::renew(const LockRow& lock, std::int64_t lease_us) {
  // Our own transaction holds the write lock, so nobody can take over; its end is judged by the
  // fence.
  if (shared_->publishing) return true;
  const auto guard = database_.lock();
  const bool reading = shared_->readers > 0;
  database_.wait_for_locks(reading ? 0 : kRenewWaitMs);
  try {
    const bool ours = extend(lock, lease_us);
    database_.wait_for_locks(kWaitForLocksMs);
    return ours;
  } catch (const Error& error) {
    database_.wait_for_locks(kWaitForLocksMs);
    // A reader of ours keeps writers out, the renewal and everybody else's take-over alike.
    if (error.code() == "E206" && (reading || shared_->publishing)) return true;
    throw;
  }
}

bool SqliteLedger::extend(const LockRow& lock, std::int64_t lease_us) {
  auto statement = database_.prepare(
      "UPDATE _engine_lock SET lease_until_us = ?1 WHERE scope = 'database' AND epoch = ?2 AND"
      " run_id = ?3 AND state <> 'free'");
  statement.bind(1, end_of_lease(base::system_clock().now_us(), lease_us));
  statement.bind(2, static_cast<std::int64_t>(lock.epoch)).bind_text(3, lock.run_id);
  statement.run();
  return database_.changes() == 1;
}

void SqliteLedger::release(const LockRow& lock) {
  const auto guard = database_.lock();
  auto statement = database_.prepare(
      "UPDATE _engine_lock SET state = 'free', lease_until_us = 0 WHERE scope = 'database' AND"
      " epoch = ?1 AND run_id = ?2");
  statement.bind(1, static_cast<std::int64_t>(lock.epoch)).bind_text(2, lock.run_id);
  statement.run();
}

std::vector<connect::LedgerRow> SqliteLedger::receipts(const std::string& run_id) {
  const auto guard = database_.lock();
  std::vector<connect::LedgerRow> out;
  for (auto& entry : read_ledger(database_, run_id)) out.push_back(std::move(entry.row));
  return out;
}

connect::UndoReport SqliteLedger::apply_undo(const connect::UndoRequest& request) {
  if (request.dry_run) {
    const auto guard = database_.lock();
    return undo_run(database_, request, epoch_.value_or(0));
  }
  if (!shared_->watch) base::bug("a rollback on a connection opened for reading");
  const auto fence_and_undo = [&] {
    const auto lock = has_engine_tables(database_) ? read_lock(database_) : std::nullopt;
    if (!lock || !take_fence(database_, request.run.run_id, epoch_.value_or(lock->epoch))) {
      throw Error(
          Fault::kLocked, "E501",
          "sqlite " + database_.label() + ": run " + request.run.run_id + " does not hold the lock",
          "nothing was written; run the same command again");
    }
    return undo_run(database_, request, lock->epoch);
  };
  connect::UndoReport report = in_transaction(fence_and_undo);
  shared_->seen_version.reset();  // what was compared before is not what stands there now
  return report;
}

std::uint64_t SqliteLedger::prune(std::int64_t now_us, const std::string& keep_run) {
  return in_transaction([&] {
    if (!has_engine_tables(database_)) return std::uint64_t{0};
    auto size = database_.prepare(
        "SELECT coalesce(sum(length(block)), 0) FROM _engine_undo WHERE expires_us < ?1 AND"
        " run_id <> ?2");
    size.bind(1, now_us).bind_text(2, keep_run);
    size.step();
    const auto bytes = static_cast<std::uint64_t>(size.integer(0));
    size.reset();
    auto forget =
        database_.prepare("DELETE FROM _engine_undo WHERE expires_us < ?1 AND run_id <> ?2");
    forget.bind(1, now_us).bind_text(2, keep_run);
    forget.run();
    return bytes;
  });
}

}  // namespace

std::unique_ptr<connect::Ledger> make_ledger(SharedPtr shared) {
  return std::make_unique<SqliteLedger>(std::move(shared));
}

}  // namespace engine::connectors::sqlite
