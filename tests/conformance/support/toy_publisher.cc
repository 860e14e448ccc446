#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "conformance/support/toy_store.h"
#include "connect/undo_block.h"
#include "data/key.h"

namespace engine::conformance {
namespace {

using base::Error;
using base::Fault;
using connect::Op;

/// What is to be done to one item, collected while the unit is open.
struct Item {
  Op op = Op::kInsert;
  std::string key;
  ToyRow row;
};

struct Work {
  connect::TableWrite write;
  std::vector<Item> items;
};

bool is_updated(const connect::TableWrite& write, const std::string& column) {
  return write.updated.empty() ||
         std::find(write.updated.begin(), write.updated.end(), column) != write.updated.end();
}

/// Collects in apply and writes item by item in commit, the fence being asked before each.
class ToyPublisher final : public connect::Publisher {
 public:
  ToyPublisher(ToyStorePtr store, SeenVersion seen)
      : store_(std::move(store)), seen_(std::move(seen)) {}

  Begun begin(const connect::PublishUnit& unit) override {
    unit_ = unit;
    work_.clear();
    require_fence();
    if (const auto done = receipt_in_ledger()) {
      done_ = done;
      return Begun::kAlreadyDone;
    }
    bool moved = false;
    for (const auto& table : unit_.tables) {
      const auto found = store_->tables.find(table.table);
      if (table.create) continue;
      if (found == store_->tables.end()) throw Error(Fault::kState, "E510", "the table is gone");
      moved = moved || (table.was_empty ? !found->second.rows.empty() : *seen_ != store_->version);
    }
    return moved ? Begun::kMoved : Begun::kReady;
  }

  void apply(const connect::TableWrite& table, connect::Changes& changes) override {
    if (table.key.empty() && !table.columns.fields.empty()) {
      throw Error(Fault::kPlan, "E119", "items without a key are not available in this version");
    }
    Work& work = work_of(table);
    std::vector<std::size_t> key;
    for (const auto& name : table.key) key.push_back(table.columns.find(name).value());
    connect::ChangeBatch batch;
    while (changes.next(batch)) {
      for (std::size_t row = 0; row < batch.rows.rows; ++row) {
        Item item{.op = batch.ops[row], .key = data::key_of(batch.rows, key, row), .row = {}};
        for (const auto& column : batch.rows.columns) {
          item.row.push_back({.value = data::value_at(*column, row), .spoiled = false});
        }
        work.items.push_back(std::move(item));
      }
    }
  }

  /// Keys come first in the batch, then the mark.
  void remove(const connect::TableWrite& table, connect::Changes& changes) override {
    Work& work = work_of(table);
    std::vector<std::size_t> key;
    for (std::size_t i = 0; i < table.key.size(); ++i) key.push_back(i);
    connect::ChangeBatch batch;
    while (changes.next(batch)) {
      for (std::size_t row = 0; row < batch.rows.rows; ++row) {
        Item item{.op = batch.ops[row], .key = data::key_of(batch.rows, key, row), .row = {}};
        if (item.op == Op::kMark) {
          item.row.push_back(
              {.value = data::value_at(batch.rows.column(key.size()), row), .spoiled = false});
        }
        work.items.push_back(std::move(item));
      }
    }
  }

  std::unique_ptr<connect::Source> read(const connect::ReadRequest& request) override {
    return toy_source(*store_, request);
  }

  connect::Receipt commit() override {
    if (done_) return *done_;
    connect::Receipt out;
    out.committed_us = base::system_clock().now_us();
    for (auto& work : work_) out.tables.push_back(publish(work, out.committed_us));
    *seen_ = store_->version;
    done_ = out;
    return out;
  }

  void abort() override { work_.clear(); }

 private:
  Work& work_of(const connect::TableWrite& table) {
    for (Work& work : work_) {
      if (work.write.step == table.step) return work;
    }
    return work_.emplace_back(Work{.write = table, .items = {}});
  }

  void require_fence() const {
    if (store_->lock && store_->lock->epoch == unit_.epoch && store_->lock->state != "free" &&
        store_->lock->run_id == unit_.run.run_id) {
      return;
    }
    throw Error(Fault::kLocked, "E501", "the lock was taken over");
  }

  std::optional<connect::Receipt> receipt_in_ledger() const {
    connect::Receipt out;
    out.already_done = true;
    for (const auto& row : store_->ledger) {
      if (row.run_id != unit_.run.run_id) continue;
      for (const auto& table : unit_.tables) {
        if (table.step != row.step) continue;
        connect::TableReceipt receipt;
        receipt.step = row.step;
        receipt.table = row.table;
        receipt.inserted = row.inserted;
        receipt.updated = row.updated;
        receipt.deleted = row.deleted;
        receipt.created = row.created;
        out.tables.push_back(receipt);
        out.committed_us = row.committed_us;
      }
    }
    if (out.tables.empty()) return std::nullopt;
    return out;
  }

  ToyTable& target_of(const connect::TableWrite& write) {
    if (write.create) {
      ToyTable table;
      table.key = write.create->primary_key;
      for (const auto& column : write.create->columns) {
        table.schema.fields.push_back({column.name, column.type, column.nullable});
      }
      store_->tables[write.table] = std::move(table);
    }
    return store_->tables.at(write.table);
  }

  connect::TableReceipt publish(Work& work, std::int64_t now_us) {
    ToyTable& table = target_of(work.write);
    connect::TableReceipt receipt;
    receipt.step = work.write.step;
    receipt.table = work.write.table;
    receipt.created = work.write.create.has_value();
    std::vector<connect::UndoRecord> undo;
    for (auto& item : work.items) {
      require_fence();
      undo.push_back(write_item(table, work.write, item, receipt));
      ++store_->version;
    }
    if (!undo.empty()) {
      store_->undo.push_back({unit_.run.run_id, receipt.step, receipt.table, unit_.undo_expires_us,
                              connect::encode_undo_block(undo)});
      receipt.undo_bytes = store_->undo.back().block.size();
    }
    enter(receipt, now_us);
    return receipt;
  }

  connect::UndoRecord write_item(ToyTable& table, const connect::TableWrite& write, Item& item,
                                 connect::TableReceipt& receipt) {
    connect::UndoRecord record{.op = item.op == Op::kMark ? Op::kUpdate : item.op,
                               .key = item.key,
                               .before = {},
                               .after = {}};
    const auto found = table.rows.find(item.key);
    if ((found != table.rows.end()) == (item.op == Op::kInsert)) {
      throw Error(Fault::kData, item.op == Op::kInsert ? "E402" : "E510",
                  "another item stands there");
    }
    if (found != table.rows.end()) record.before = toy_wire(found->second);
    if (item.op == Op::kDelete) {
      table.rows.erase(found);
      ++receipt.deleted;
      return record;
    }
    ToyRow& row = table.rows[item.key];
    if (row.empty()) {
      for (const auto& field : table.schema.fields) {
        row.push_back({.value = data::Value::null_of(field.type), .spoiled = false});
      }
    }
    const bool marks = item.op == Op::kMark;
    if (marks) row[table.schema.find(write.mark).value()] = item.row[0];
    for (std::size_t i = 0; !marks && i < write.columns.size(); ++i) {
      const std::string& name = write.columns.fields[i].name;
      if (item.op == Op::kUpdate && !is_updated(write, name)) continue;
      row[table.schema.find(name).value()] = item.row[i];
    }
    record.after = base::hash128(toy_wire(row));
    receipt.after.add(record.after);
    (item.op == Op::kInsert ? receipt.inserted : receipt.updated) += 1;
    return record;
  }

  void enter(const connect::TableReceipt& receipt, std::int64_t now_us) {
    connect::LedgerRow row;
    row.run_id = unit_.run.run_id;
    row.step = receipt.step;
    row.epoch = unit_.epoch;
    row.plan_sha256 = unit_.run.plan_sha256;
    row.table = receipt.table;
    row.inserted = receipt.inserted;
    row.updated = receipt.updated;
    row.deleted = receipt.deleted;
    row.created = receipt.created;
    row.after_digest = receipt.after.text();
    row.committed_us = now_us;
    store_->ledger.push_back(row);
  }

  ToyStorePtr store_;
  SeenVersion seen_;
  connect::PublishUnit unit_;
  std::vector<Work> work_;
  std::optional<connect::Receipt> done_;
};

}  // namespace

std::unique_ptr<connect::Publisher> toy_publisher(ToyStorePtr store, SeenVersion seen) {
  return std::make_unique<ToyPublisher>(std::move(store), std::move(seen));
}

}  // namespace engine::conformance
