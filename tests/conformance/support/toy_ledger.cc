#include <algorithm>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "conformance/support/toy_store.h"
#include "connect/lock.h"
#include "connect/undo_block.h"
#include "data/key.h"

namespace engine::conformance {
namespace {

using base::Error;
using base::Fault;
using connect::Conflicts;
using connect::Op;
using connect::UndoRecord;

/// Looks through all undo again for each row.
class ToyOwnRows final : public connect::OwnRows {
 public:
  ToyOwnRows(ToyStorePtr store, std::string table, std::vector<std::string> key,
             std::int64_t since_us)
      : store_(std::move(store)), table_(std::move(table)), key_(std::move(key)) {
    for (const auto& row : store_->ledger) {
      if (row.committed_us > since_us) runs_.insert(row.run_id);
    }
  }
  std::vector<bool> look(const data::Batch& rows) override {
    std::vector<std::size_t> columns;
    for (const auto& name : key_) columns.push_back(*rows.schema->find(name));
    std::vector<bool> own;
    for (std::size_t row = 0; row < rows.rows; ++row) {
      std::string bytes;
      data::append_key(bytes, rows, columns, row);
      own.push_back(is_own(bytes));
    }
    return own;
  }

 private:
  bool is_own(const std::string& key) const {
    const auto table = store_->tables.find(table_);
    if (table == store_->tables.end()) return false;
    const auto found = table->second.rows.find(key);
    const bool there = found != table->second.rows.end();
    for (const auto& undo : store_->undo) {
      if (undo.table != table_ || !runs_.contains(undo.run_id)) continue;
      for (const auto& record : connect::decode_undo_block(undo.block)) {
        if (record.key != key) continue;
        if (!there && record.op == Op::kDelete) return true;
        if (there && record.op != Op::kDelete &&
            base::hash128(toy_wire(found->second)) == record.after) {
          return true;
        }
      }
    }
    return false;
  }

  ToyStorePtr store_;
  std::string table_;
  std::vector<std::string> key_;
  std::set<std::string> runs_;
};

class ToyLedger final : public connect::Ledger {
 public:
  explicit ToyLedger(ToyStorePtr store) : store_(std::move(store)) {}

  connect::LockRow acquire(const connect::RunIdentity& run, std::int64_t lease_us) override {
    const std::int64_t now_us = base::system_clock().now_us();
    auto& lock = store_->lock;
    if (lock && !connect::may_take(*lock, run, now_us)) connect::throw_held("the toy", *lock);
    lock = connect::taken_lock("toy", lock ? &*lock : nullptr, run, now_us, lease_us);
    return *lock;
  }
  Renewed renew(const connect::LockRow& lock, std::int64_t lease_us) override {
    if (!store_->lock || store_->lock->epoch != lock.epoch) return Renewed::kLost;
    store_->lock->lease_until_us = base::system_clock().now_us() + lease_us;
    return store_->lock->state == "stopping" ? Renewed::kAskedToStop : Renewed::kOurs;
  }
  std::optional<connect::LockRow> lock() override { return store_->lock; }
  bool unlock(const std::string& lock_id) override {
    if (!store_->lock || store_->lock->lock_id != lock_id || store_->lock->state == "free") {
      return false;
    }
    store_->lock->state = "free";
    ++store_->lock->epoch;
    return true;
  }
  bool ask_to_stop(const std::string& run_id) override {
    if (!store_->lock || store_->lock->run_id != run_id || store_->lock->state == "free") {
      return false;
    }
    store_->lock->state = "stopping";
    return true;
  }
  void release(const connect::LockRow& lock) override {
    if (store_->lock && store_->lock->epoch == lock.epoch) store_->lock->state = "free";
  }
  std::vector<connect::LedgerRow> receipts(const std::string& run_id) override {
    std::vector<connect::LedgerRow> out;
    for (const auto& row : store_->ledger) {
      if (!run_id.empty() && row.run_id != run_id) continue;
      out.push_back(row);
      for (const auto& undo : store_->undo) {
        if (undo.run_id != row.run_id || undo.step != row.step) continue;
        out.back().undo_bytes += undo.block.size();
        out.back().undo_expires_us = undo.expires_us;
      }
    }
    return out;
  }
  std::uint64_t prune(std::int64_t now_us, const std::string& keep_run) override {
    std::uint64_t bytes = 0;
    std::erase_if(store_->undo, [&](const auto& undo) {
      const bool old = undo.expires_us < now_us && undo.run_id != keep_run;
      if (old) bytes += undo.block.size();
      return old;
    });
    return bytes;
  }
  std::unique_ptr<connect::OwnRows> own_rows(const std::string& table,
                                             const std::vector<std::string>& key,
                                             std::int64_t since_us) override {
    return std::make_unique<ToyOwnRows>(store_, table, key, since_us);
  }
  connect::UndoReport apply_undo(const connect::UndoRequest& request) override {
    if (!request.dry_run && (!store_->lock || store_->lock->run_id != request.run.run_id)) {
      throw Error(Fault::kLocked, "E501", "the lock is not held");
    }
    // Without transactions an abort must be known before the first write.
    if (request.conflicts == Conflicts::kAbort) {
      for (const auto& step : request.steps) {
        if (undo_step(request, step, true).conflict_count > 0) {
          throw Error(Fault::kState, "E506", "rows were changed since the run");
        }
      }
    }
    connect::UndoReport report;
    for (const auto& step : request.steps) {
      report.tables.push_back(undo_step(request, step, request.dry_run));
    }
    return report;
  }

 private:
  const connect::LedgerRow& entry_of(const std::string& run_id, const std::string& step) const {
    for (const auto& row : store_->ledger) {
      if (row.run_id == run_id && row.step == step) return row;
    }
    throw Error(Fault::kState, "E502", "run '" + run_id + "' published nothing here");
  }

  connect::UndoTable undo_step(const connect::UndoRequest& request, const std::string& step,
                               bool dry) {
    const connect::LedgerRow entry = entry_of(request.undo_run_id, step);
    connect::UndoTable out;
    out.step = step;
    out.table = entry.table;
    for (const auto& row : store_->ledger) {
      if (row.run_id == entry.run_id && row.undone_step() == step) out.already = true;
    }
    if (out.already) return out;
    bool found = entry.inserted + entry.updated + entry.deleted == 0;
    for (const auto& undo : store_->undo) {
      if (undo.run_id != entry.run_id || undo.step != step) continue;
      found = true;
      for (const auto& record : connect::decode_undo_block(undo.block)) {
        undo_record(store_->tables.at(entry.table), record, request.conflicts, dry, out);
      }
    }
    if (!found) throw Error(Fault::kState, "E507", "the undo is not there any more");
    finish(entry, dry, out);
    return out;
  }

  void undo_record(ToyTable& table, const UndoRecord& record, Conflicts conflicts, bool dry,
                   connect::UndoTable& out) {
    const auto found = table.rows.find(record.key);
    const bool there = found != table.rows.end();
    const std::string now = there ? toy_wire(found->second) : "";
    const bool as_left =
        record.op == Op::kDelete ? !there : there && base::hash128(now) == record.after;
    const bool as_before = record.op == Op::kInsert ? !there : there && now == record.before;
    if (!as_left && as_before) return;
    if (!as_left && conflicts != Conflicts::kForce) {
      ++out.conflict_count;
      const ToyRow row = there ? found->second : toy_row(record.before, table.schema);
      out.conflicts.push_back(toy_key_text(table, row));
      return;
    }
    if (record.op == Op::kInsert) ++out.removed;
    if (record.op == Op::kUpdate) ++out.restored;
    if (record.op == Op::kDelete) ++out.reinserted;
    if (dry) return;
    ++store_->version;
    if (record.op == Op::kInsert) {
      table.rows.erase(record.key);
    } else {
      table.rows[record.key] = toy_row(record.before, table.schema);
    }
  }

  void finish(const connect::LedgerRow& entry, bool dry, connect::UndoTable& out) {
    if (entry.created) {
      const auto left = static_cast<std::int64_t>(store_->tables.at(entry.table).rows.size()) -
                        (dry ? out.removed : 0);
      out.dropped = left == 0;
      out.kept_created = left != 0;
      if (out.dropped && !dry) store_->tables.erase(entry.table);
    }
    if (dry) return;
    out.verified = true;
    connect::LedgerRow row = entry;
    row.step = connect::undo_step(entry.step);
    store_->ledger.push_back(row);
  }

  ToyStorePtr store_;
};

}  // namespace

std::unique_ptr<connect::Ledger> toy_ledger(ToyStorePtr store) {
  return std::make_unique<ToyLedger>(std::move(store));
}

}  // namespace engine::conformance
