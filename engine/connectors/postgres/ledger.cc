#include "connectors/postgres/ledger.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "connect/lock.h"
#include "connectors/postgres/engine_tables.h"
#include "connectors/postgres/own_rows.h"
#include "connectors/postgres/rollback.h"

namespace engine::connectors::postgres {
namespace {

using base::Error;
using connect::LockRow;

/// On a session of its own: it goes on while the publisher's is in a transaction.
class PostgresLedger final : public connect::Ledger {
 public:
  explicit PostgresLedger(SharedPtr shared)
      : shared_(std::move(shared)), session_(shared_->settings, "engine") {
    session_.run("SET lock_timeout = '3s'");
    if (!shared_->writes) session_.run("SET default_transaction_read_only = on");
  }

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
    return make_own_rows(session_, table, key, since_us);
  }
  std::uint64_t prune(std::int64_t now_us, const std::string& keep_run) override;

 private:
  template <typename Work>
  auto in_transaction(const Work& work);
  LockRow take(const connect::RunIdentity& run, std::int64_t lease_us);
  std::string lock_table() const { return engine_table(session_, "lock"); }

  SharedPtr shared_;
  Session session_;
  std::optional<std::uint64_t> epoch_;  ///< of the lock taken last by this object
};

template <typename Work>
auto PostgresLedger::in_transaction(const Work& work) {
  session_.run("BEGIN");
  try {
    auto result = work();
    session_.run("COMMIT");
    return result;
  } catch (...) {
    session_.rollback();
    throw;
  }
}

LockRow PostgresLedger::acquire(const connect::RunIdentity& run, std::int64_t lease_us) {
  const LockRow lock = in_transaction([&] { return take(run, lease_us); });
  epoch_ = lock.epoch;
  return lock;
}

LockRow PostgresLedger::take(const connect::RunIdentity& run, std::int64_t lease_us) {
  create_engine_tables(session_);  // its lock also keeps two from taking a row that is not there
  const auto held = read_lock(session_, true);
  const std::int64_t now_us = server_now_us(session_);
  if (held && !connect::may_take(*held, run, now_us)) connect::throw_held(session_.self(), *held);
  const LockRow lock = connect::taken_lock(kScope, held ? &*held : nullptr, run, now_us, lease_us);
  session_.query("INSERT INTO " + lock_table() +
                     " (scope, epoch, run_id, owner, lock_id, lease_until_us, since_us, state)"
                     " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (scope) DO UPDATE SET"
                     " epoch = excluded.epoch, run_id = excluded.run_id, owner = excluded.owner,"
                     " lock_id = excluded.lock_id, lease_until_us = excluded.lease_until_us,"
                     " since_us = excluded.since_us, state = excluded.state",
                 {lock.scope, std::to_string(lock.epoch), lock.run_id, lock.owner, lock.lock_id,
                  std::to_string(lock.lease_until_us), std::to_string(lock.since_us), lock.state});
  return lock;
}

PostgresLedger::Renewed PostgresLedger::renew(const LockRow& lock, std::int64_t lease_us) {
  // Our own transaction holds the row, so nobody can take over; its end is judged by the fence.
  if (shared_->publishing) return Renewed::kOurs;
  try {
    const std::int64_t until = connect::end_of_lease(server_now_us(session_), lease_us);
    const Rows rows = session_.query(
        "UPDATE " + lock_table() +
            " SET lease_until_us = $1 WHERE scope = $2 AND epoch = $3 AND run_id = $4 AND"
            " state <> 'free' RETURNING state",
        {std::to_string(until), kScope, std::to_string(lock.epoch), lock.run_id});
    if (rows.size() == 0) return Renewed::kLost;
    return rows.text(0, 0) == "stopping" ? Renewed::kAskedToStop : Renewed::kOurs;
  } catch (const Error& error) {
    if (error.code() == "E206" && shared_->publishing) return Renewed::kOurs;
    throw;
  }
}

void PostgresLedger::release(const LockRow& lock) {
  session_.query("UPDATE " + lock_table() +
                     " SET state = 'free', lease_until_us = 0 WHERE scope = $1 AND epoch = $2 AND"
                     " run_id = $3",
                 {kScope, std::to_string(lock.epoch), lock.run_id});
}

std::optional<LockRow> PostgresLedger::lock() {
  return has_engine_tables(session_) ? read_lock(session_, false) : std::nullopt;
}

bool PostgresLedger::unlock(const std::string& lock_id) {
  if (!has_engine_tables(session_)) return false;
  return session_
             .query("UPDATE " + lock_table() +
                        " SET state = 'free', lease_until_us = 0, epoch = epoch + 1 WHERE"
                        " scope = $1 AND lock_id = $2 AND state <> 'free'",
                    {kScope, lock_id})
             .changed() == 1;
}

bool PostgresLedger::ask_to_stop(const std::string& run_id) {
  if (!has_engine_tables(session_)) return false;
  return session_
             .query("UPDATE " + lock_table() +
                        " SET state = 'stopping' WHERE scope = $1 AND run_id = $2 AND"
                        " state <> 'free'",
                    {kScope, run_id})
             .changed() == 1;
}

std::vector<connect::LedgerRow> PostgresLedger::receipts(const std::string& run_id) {
  std::vector<connect::LedgerRow> out;
  for (auto& entry : read_ledger(session_, run_id)) out.push_back(std::move(entry.row));
  return out;
}

/// A dry run stages in temporary tables, which a transaction that only reads may fill but not make;
/// so it is one that writes, and is rolled back.
connect::UndoReport PostgresLedger::apply_undo(const connect::UndoRequest& request) {
  if (request.dry_run) {
    session_.run("BEGIN READ WRITE");
    try {
      auto report = undo_run(session_, request, epoch_.value_or(0));
      session_.rollback();
      return report;
    } catch (...) {
      session_.rollback();
      throw;
    }
  }
  if (!shared_->writes) base::bug("a rollback on a connection opened for reading");
  shared_->snapshot->end();  // its readers would stand in the way, and it will not be what stands
  return in_transaction([&] {
    const auto lock = has_engine_tables(session_) ? read_lock(session_, true) : std::nullopt;
    if (!lock || !take_fence(session_, request.run.run_id, epoch_.value_or(lock->epoch))) {
      connect::throw_not_held(session_.self(), request.run.run_id);
    }
    return undo_run(session_, request, lock->epoch);
  });
}

std::uint64_t PostgresLedger::prune(std::int64_t now_us, const std::string& keep_run) {
  if (!has_engine_tables(session_)) return 0;
  const Rows freed = session_.query("WITH gone AS (DELETE FROM " + engine_table(session_, "undo") +
                                        " WHERE expires_us < $1 AND run_id <> $2 RETURNING"
                                        " pg_catalog.length(block) AS bytes)"
                                        " SELECT coalesce(sum(bytes), 0)::int8 FROM gone",
                                    {std::to_string(now_us), keep_run});
  return static_cast<std::uint64_t>(freed.integer(0, 0));
}

}  // namespace

std::unique_ptr<connect::Ledger> make_ledger(SharedPtr shared) {
  return std::make_unique<PostgresLedger>(std::move(shared));
}

}  // namespace engine::connectors::postgres
