#include "conformance/support/rows.h"

#include "connect/owner.h"
#include "data/value_text.h"

namespace engine::conformance {
namespace {

constexpr std::int64_t kLeaseUs = 60'000'000;
constexpr std::int64_t kNever = std::int64_t{1} << 60;

std::string row_text(const data::Batch& batch, std::size_t row) {
  std::string out;
  for (std::size_t i = 0; i < batch.columns.size(); ++i) {
    const auto& column = batch.column(i);
    out += (i == 0 ? "" : " ") + batch.schema->fields[i].name + "=" +
           (column.is_null(row) ? "NULL" : data::value_text(column, row));
  }
  for (const auto& error : batch.errors) {
    if (error.row == row) out += " " + error.code + "(" + error.column + ")";
  }
  return out;
}

}  // namespace

data::Schema item_schema() {
  return {{{"id", data::Type::of(data::Kind::kInt64), false},
           {"name", data::Type::of(data::Kind::kText), true}}};
}

connect::CreateTable item_definition() {
  connect::CreateTable create;
  create.columns = {{"id", data::Type::of(data::Kind::kInt64), false, {}},
                    {"name", data::Type::of(data::Kind::kText), true, {}}};
  create.primary_key = {"id"};
  return create;
}

Change item(connect::Op op, std::int64_t id, const std::string& name) {
  return {op, {data::Value::of_int64(id), data::Value::of_text(name)}};
}

ListedChanges::ListedChanges(data::Schema schema, std::vector<Change> changes,
                             std::size_t batch_rows)
    : schema_(std::make_shared<data::Schema>(std::move(schema))),
      changes_(std::move(changes)),
      batch_rows_(batch_rows) {}

bool ListedChanges::next(connect::ChangeBatch& batch) {
  batch = {};
  std::vector<std::vector<data::Value>> rows;
  while (at_ < changes_.size() && rows.size() < batch_rows_) {
    rows.push_back(changes_[at_].values);
    batch.ops.push_back(changes_[at_].op);
    ++at_;
  }
  batch.rows = batch_of(*schema_, rows);
  return !rows.empty();
}

data::Batch batch_of(const data::Schema& schema,
                     const std::vector<std::vector<data::Value>>& rows) {
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

connect::RunIdentity run_named(const std::string& run_id) {
  connect::RunIdentity run;
  run.run_id = run_id;
  run.plan_sha256 = "plan";
  run.owner = connect::process_owner();
  return run;
}

connect::TableWrite write_to(const std::string& table, const data::Schema& columns,
                             std::vector<std::string> key) {
  connect::TableWrite write;
  write.step = table;
  write.table = table;
  write.columns = columns;
  write.key = std::move(key);
  return write;
}

connect::PublishUnit unit_of(const connect::RunIdentity& run, const connect::LockRow& lock,
                             connect::TableWrite table) {
  connect::PublishUnit unit;
  unit.run = run;
  unit.epoch = lock.epoch;
  unit.undo_expires_us = kNever;
  unit.tables = {std::move(table)};
  return unit;
}

connect::Receipt publish(connect::Connection& connection, const std::string& run_id,
                         connect::TableWrite table, const std::vector<Change>& changes) {
  const auto ledger = connection.ledger();
  const auto run = run_named(run_id);
  const auto lock = ledger->acquire(run, kLeaseUs);
  if (connection.describe(table.table)) {
    table.create.reset();
    rows_of(connection, table.table, table.columns, table.key);
  }
  const auto unit = unit_of(run, lock, table);
  const auto publisher = connection.publisher();
  connect::Receipt receipt;
  if (publisher->begin(unit) != connect::Publisher::Begun::kAlreadyDone) {
    ListedChanges listed(table.columns, changes);
    publisher->apply(unit.tables[0], listed);
  }
  receipt = publisher->commit();
  ledger->release(lock);
  return receipt;
}

std::vector<std::string> rows_of(connect::Connection& connection, const std::string& table,
                                 const data::Schema& columns, std::vector<std::string> order_by) {
  connect::ReadRequest request;
  request.table = table;
  request.columns = columns;
  request.order_by = std::move(order_by);
  const auto source = connection.read(request, connection.partitions(request).at(0));
  std::vector<std::string> out;
  data::Batch batch;
  while (source->next(batch)) {
    for (std::size_t row = 0; row < batch.rows; ++row) out.push_back(row_text(batch, row));
  }
  return out;
}

std::vector<std::string> items_in(connect::Connection& connection, const std::string& table) {
  return rows_of(connection, table, item_schema(), {"id"});
}

connect::UndoReport undo(connect::Connection& connection, const std::string& run_id,
                         std::vector<std::string> steps, connect::Conflicts conflicts,
                         bool dry_run) {
  const auto ledger = connection.ledger();
  connect::UndoRequest request;
  request.run = run_named("undo-of-" + run_id);
  request.undo_run_id = run_id;
  request.steps = std::move(steps);
  request.conflicts = conflicts;
  request.dry_run = dry_run;
  if (dry_run) return ledger->apply_undo(request);
  const auto lock = ledger->acquire(request.run, kLeaseUs);
  try {
    auto report = ledger->apply_undo(request);
    ledger->release(lock);
    return report;
  } catch (...) {
    ledger->release(lock);
    throw;
  }
}

}  // namespace engine::conformance
