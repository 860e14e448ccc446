#include "connectors/sqlite/ledger.h"

#include <optional>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "connect/lock.h"
#include "connectors/sqlite/engine_tables.h"
#include "connectors/sqlite/own_rows.h"
#include "connectors/sqlite/rollback.h"

namespace engine::connectors::sqlite {
namespace {

using base::Error;
using connect::LockRow;

constexpr int kRenewWaitMs = 1000;
constexpr int kWaitForLocksMs = 3000;

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

class SqliteLedger final : public connect::Ledger {
 public:
  explicit SqliteLedger(SharedPtr shared)
      : shared_(std::move(shared)), database_(shared_->watch ? *shared_->watch : *shared_->main) {}

  LockRow acquire(const connect::RunIdentity& run, std::int64_t lease_us) override;
  Renewed renew(const LockRow& lock, std::int64_t lease_us) override;
  void release(const LockRow& lock) override;
  std::optional<LockRow> lock() override;
  bool unlock(const std::string& lock_id) override;
  bool ask_to_stop(const std::string& run_id) override;
  std::vector<connect::LedgerRow> receipts(const std::string& run_id) override;
  connect::UndoReport apply_undo(const connect::UndoRequest& request) override;
  std::unique_ptr<connect::OwnRows> own_rows(const std::string& table,
                                             const std::vector<std::string>& key,
                                             std::int64_t since_us) override {
    return make_own_rows(shared_->main, table, key, since_us);
  }
  std::uint64_t prune(std::int64_t now_us, const std::string& keep_run) override;

 private:
  template <typename Work>
  auto in_transaction(const Work& work);
  LockRow take(const connect::RunIdentity& run, std::int64_t lease_us);
  bool change_held(const std::string& change, const std::string& column, const std::string& name);
  Renewed extend(const LockRow& lock, std::int64_t lease_us);
  std::string target() const { return "sqlite " + database_.label(); }

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
  if (held && !connect::may_take(*held, run, now_us)) connect::throw_held(target(), *held);
  const LockRow lock = connect::taken_lock(kScope, held ? &*held : nullptr, run, now_us, lease_us);
  write_lock(database_, lock);
  return lock;
}

SqliteLedger::Renewed SqliteLedger::renew(const LockRow& lock, std::int64_t lease_us) {
  // Our own transaction holds the write lock, so nobody can take over; its end is judged by the
  // fence.
  if (shared_->publishing) return Renewed::kOurs;
  const auto guard = database_.lock();
  const bool reading = shared_->readers > 0;
  database_.wait_for_locks(reading ? 0 : kRenewWaitMs);
  try {
    const Renewed renewed = extend(lock, lease_us);
    database_.wait_for_locks(kWaitForLocksMs);
    return renewed;
  } catch (const Error& error) {
    database_.wait_for_locks(kWaitForLocksMs);
    // A reader of ours keeps writers out, the renewal and everybody else's take-over alike.
    if (error.code() == "E206" && (reading || shared_->publishing)) return Renewed::kOurs;
    throw;
  }
}

SqliteLedger::Renewed SqliteLedger::extend(const LockRow& lock, std::int64_t lease_us) {
  auto statement = database_.prepare(
      "UPDATE _engine_lock SET lease_until_us = ?1 WHERE scope = 'database' AND epoch = ?2 AND"
      " run_id = ?3 AND state <> 'free' RETURNING state");
  statement.bind(1, connect::end_of_lease(base::system_clock().now_us(), lease_us));
  statement.bind(2, static_cast<std::int64_t>(lock.epoch)).bind_text(3, lock.run_id);
  if (!statement.step()) return Renewed::kLost;
  const bool stopping = statement.text(0) == "stopping";
  statement.run();
  return stopping ? Renewed::kAskedToStop : Renewed::kOurs;
}

std::optional<LockRow> SqliteLedger::lock() {
  const auto guard = database_.lock();
  return has_engine_tables(database_) ? read_lock(database_) : std::nullopt;
}

/// Changes the lock of the database while it is held under this name.
bool SqliteLedger::change_held(const std::string& change, const std::string& column,
                               const std::string& name) {
  return in_transaction([&] {
    if (!has_engine_tables(database_)) return false;
    auto statement =
        database_.prepare("UPDATE _engine_lock SET " + change +
                          " WHERE scope = 'database' AND state <> 'free' AND " + column + " = ?1");
    statement.bind_text(1, name).run();
    return database_.changes() == 1;
  });
}

bool SqliteLedger::unlock(const std::string& lock_id) {
  return change_held("state = 'free', lease_until_us = 0, epoch = epoch + 1", "lock_id", lock_id);
}

bool SqliteLedger::ask_to_stop(const std::string& run_id) {
  return change_held("state = 'stopping'", "run_id", run_id);
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
      connect::throw_not_held(target(), request.run.run_id);
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
