#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connect/connection.h"
#include "data/value.h"

namespace engine::conformance {

/// The suite's usual table: items(id int64 key, name text).
data::Schema item_schema();
connect::CreateTable item_definition();

struct Change {
  connect::Op op = connect::Op::kInsert;
  std::vector<data::Value> values;
};
Change item(connect::Op op, std::int64_t id, const std::string& name);

/// Hands out prepared changes, a few rows a batch, so that several batches are seen.
class ListedChanges final : public connect::Changes {
 public:
  ListedChanges(data::Schema schema, std::vector<Change> changes, std::size_t batch_rows = 3);
  bool next(connect::ChangeBatch& batch) override;

 private:
  std::shared_ptr<const data::Schema> schema_;
  std::vector<Change> changes_;
  std::size_t batch_rows_;
  std::size_t at_ = 0;
};

data::Batch batch_of(const data::Schema& schema, const std::vector<std::vector<data::Value>>& rows);

connect::RunIdentity run_named(const std::string& run_id);
/// Step and table have one name.
connect::TableWrite write_to(const std::string& table, const data::Schema& columns,
                             std::vector<std::string> key);
connect::PublishUnit unit_of(const connect::RunIdentity& run, const connect::LockRow& lock,
                             connect::TableWrite table);

/// Acquires, publishes one table, releases. Creates the table when it is missing, and reads it
/// first as a comparison does.
connect::Receipt publish(connect::Connection& connection, const std::string& run_id,
                         connect::TableWrite table, const std::vector<Change>& changes);

/// All rows as value texts, "id=1 name=a", in the order asked for; errors are shown as
/// "E403(name)".
std::vector<std::string> rows_of(connect::Connection& connection, const std::string& table,
                                 const data::Schema& columns, std::vector<std::string> order_by);
std::vector<std::string> items_in(connect::Connection& connection, const std::string& table);

connect::UndoReport undo(connect::Connection& connection, const std::string& run_id,
                         std::vector<std::string> steps,
                         connect::Conflicts conflicts = connect::Conflicts::kSkip,
                         bool dry_run = false);

}  // namespace engine::conformance
