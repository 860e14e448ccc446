#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "connect/connection.h"
#include "connect/owner.h"
#include "data/value.h"

namespace engine::testing {

using Cells = std::vector<data::Value>;

inline data::Batch batch_of(const data::Schema& schema, const std::vector<Cells>& rows) {
  data::Batch batch;
  batch.schema = std::make_shared<data::Schema>(schema);
  batch.rows = rows.size();
  for (std::size_t i = 0; i < schema.size(); ++i) {
    data::ColumnBuilder builder(schema.fields[i].type);
    for (const auto& row : rows) data::append_value(builder, row[i]);
    batch.columns.push_back(builder.finish());
  }
  return batch;
}

struct Change {
  connect::Op op = connect::Op::kInsert;
  Cells cells;
};

class OneBatch final : public connect::Changes {
 public:
  OneBatch(const data::Schema& schema, const std::vector<Change>& changes) {
    std::vector<Cells> rows;
    for (const auto& change : changes) {
      rows.push_back(change.cells);
      batch_.ops.push_back(change.op);
    }
    batch_.rows = batch_of(schema, rows);
  }
  bool next(connect::ChangeBatch& batch) override {
    batch = std::exchange(batch_, {});
    return batch.rows.rows > 0;
  }

 private:
  connect::ChangeBatch batch_;
};

struct Work {
  connect::TableWrite write;
  std::vector<Change> changes;
};

inline connect::TableWrite write_to(const std::string& table, const data::Schema& columns,
                                    std::vector<std::string> key) {
  connect::TableWrite write;
  write.step = write.table = table;
  write.columns = columns;
  write.key = std::move(key);
  return write;
}

inline connect::RunIdentity run_named(const std::string& run_id) {
  connect::RunIdentity run;
  run.run_id = run_id;
  run.plan_sha256 = "plan";
  run.owner = connect::process_owner();
  return run;
}

inline constexpr std::int64_t kLeaseUs = 60'000'000;

/// Locks, publishes all tables as one unit, releases (also when it throws).
inline connect::Receipt publish(connect::Connection& connection, const std::string& run_id,
                                const std::vector<Work>& tables) {
  const auto ledger = connection.ledger();
  connect::PublishUnit unit;
  unit.run = run_named(run_id);
  const auto lock = ledger->acquire(unit.run, kLeaseUs);
  unit.epoch = lock.epoch;
  unit.undo_expires_us = std::int64_t{1} << 60;
  for (const auto& table : tables) unit.tables.push_back(table.write);
  try {
    const auto publisher = connection.publisher();
    publisher->begin(unit);
    for (const auto& table : tables) {
      OneBatch changes(table.write.columns, table.changes);
      publisher->apply(table.write, changes);
    }
    auto receipt = publisher->commit();
    ledger->release(lock);
    return receipt;
  } catch (...) {
    ledger->release(lock);
    throw;
  }
}

inline connect::UndoReport undo(connect::Connection& connection, const std::string& run_id,
                                std::vector<std::string> steps, bool dry_run = false,
                                connect::Conflicts conflicts = connect::Conflicts::kSkip) {
  const auto ledger = connection.ledger();
  connect::UndoRequest request;
  request.run = run_named("undo-" + run_id);
  request.undo_run_id = run_id;
  request.steps = std::move(steps);
  request.dry_run = dry_run;
  request.conflicts = conflicts;
  if (dry_run) return ledger->apply_undo(request);
  const auto lock = ledger->acquire(request.run, kLeaseUs);
  auto report = ledger->apply_undo(request);
  ledger->release(lock);
  return report;
}

/// The whole error, "E407 message", or "no error".
template <typename Work>
std::string error_of(const Work& work) {
  try {
    work();
  } catch (const base::Error& error) {
    return error.code() + " " + error.what();
  }
  return "no error";
}

}  // namespace engine::testing
