#include "run/chosen_rows.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "data/key.h"
#include "stages/used_columns.h"

namespace engine::run {
namespace {

/// So few keys are looked up one by one even where no index is known.
constexpr std::size_t kFewKeys = 16;

bool within(const std::vector<std::string>& some, const std::vector<std::string>& names) {
  return !some.empty() && std::all_of(some.begin(), some.end(), [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  });
}

/// A look-up per key costs a scan each where the source has no index over the columns.
bool can_look_up(const connect::Capabilities& source, const compile::BoundTable& table,
                 const std::vector<std::string>& columns, std::size_t keys) {
  if (!source.key_lookup || columns.empty()) return false;
  if (keys <= kFewKeys) return true;
  const connect::TableInfo& info = *table.source_info;
  return within(info.primary_key, columns) ||
         std::any_of(info.unique_indexes.begin(), info.unique_indexes.end(),
                     [&](const auto& index) { return within(index, columns); });
}

/// Reads some columns and lays them out as a table's whole read; only rows that the plan's filter
/// lets through.
class LaidOut : public connect::Source {
 public:
  LaidOut(std::unique_ptr<connect::Source> source, const compile::BoundTable& table,
          expr::Context context)
      : source_(std::move(source)),
        schema_(std::make_shared<data::Schema>(table.read.columns)),
        filter_(table.transform.filter),
        context_(std::move(context)) {}

  bool next(data::Batch& batch) override {
    data::Batch read;
    while (source_->next(read)) {
      data::Batch wide{.schema = schema_, .columns = {}, .rows = read.rows, .errors = {}};
      wide.columns.resize(schema_->size());
      for (std::size_t i = 0; i < read.columns.size(); ++i) {
        const auto place = schema_->find(read.schema->fields[i].name);
        if (place) wide.columns[*place] = read.columns[i];
      }
      batch = filtered(std::move(wide));
      if (batch.rows > 0) return true;
    }
    return false;
  }

  std::string position() const override { return source_->position(); }

 private:
  data::Batch filtered(data::Batch wide) const {
    if (filter_ == nullptr) return wide;
    std::vector<data::RowError> ignored;  // the run itself refuses such a row
    const auto truth = expr::evaluate_truth(*filter_, wide, context_, ignored);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < wide.rows; ++row) {
      if (truth[row] == 1) rows.push_back(row);
    }
    return rows.size() == wide.rows ? std::move(wide) : pick(wide, rows);
  }

  std::unique_ptr<connect::Source> source_;
  std::shared_ptr<const data::Schema> schema_;
  expr::NodePtr filter_;
  expr::Context context_;
};

/// The chosen rows of a table, one part of the keys after the other.
class LookedUp : public connect::Source {
 public:
  LookedUp(Session& session, const compile::BoundTable& table) : session_(session), table_(table) {}

  bool next(data::Batch& batch) override {
    while (true) {
      if (source_ && source_->next(batch)) return true;
      if (part_ == table_.chosen.size()) return false;
      connect::ReadRequest request = table_.read;
      request.keys = table_.chosen[part_++];
      source_ = session_.read_source(table_.source, request);
    }
  }

  std::string position() const override { return source_ ? source_->position() : ""; }

 private:
  Session& session_;
  const compile::BoundTable& table_;
  std::size_t part_ = 0;
  std::unique_ptr<connect::Source> source_;
};

/// All rows of a table but those that were not chosen.
class PickedOut : public connect::Source {
 public:
  PickedOut(std::unique_ptr<connect::Source> source, const compile::BoundTable& table)
      : source_(std::move(source)) {
    for (const std::string& name : table.source_key) {
      key_.push_back(*table.read.columns.find(name));
    }
    for (const data::Batch& part : table.chosen) {
      std::vector<std::size_t> columns(part.columns.size());
      for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = i;
      for (std::size_t row = 0; row < part.rows; ++row) {
        chosen_.insert(data::key_of(part, columns, row));
      }
    }
  }

  bool next(data::Batch& batch) override {
    data::Batch read;
    std::string bytes;
    while (source_->next(read)) {
      std::vector<std::uint32_t> rows;
      for (std::uint32_t row = 0; row < read.rows; ++row) {
        bytes.clear();
        data::append_key(bytes, read, key_, row);
        if (chosen_.contains(bytes)) rows.push_back(row);
      }
      if (rows.empty()) continue;
      batch = data::take(read, rows);
      return true;
    }
    return false;
  }

  std::string position() const override { return source_->position(); }

 private:
  std::unique_ptr<connect::Source> source_;
  std::vector<std::size_t> key_;
  std::unordered_set<std::string> chosen_;
};

}  // namespace

data::Batch pick(const data::Batch& batch, const std::vector<std::uint32_t>& rows) {
  data::Batch out{.schema = batch.schema, .columns = {}, .rows = rows.size(), .errors = {}};
  for (const data::ColumnPtr& column : batch.columns) {
    out.columns.push_back(column ? data::take(*column, rows) : nullptr);
  }
  return out;
}

std::unique_ptr<connect::Source> read_rows(Session& session, const compile::BoundTable& table) {
  if (table.part != compile::Part::kChosen) return session.read_source(table.source, table.read);
  std::size_t keys = 0;
  for (const data::Batch& part : table.chosen) keys += part.rows;
  const auto& source = session.source(table.source).capabilities();
  if (can_look_up(source, table, table.source_key, keys)) {
    return std::make_unique<LookedUp>(session, table);
  }
  return std::make_unique<PickedOut>(session.read_source(table.source, table.read), table);
}

std::unique_ptr<connect::Source> SessionRows::read(std::size_t at,
                                                   const std::vector<std::string>& columns,
                                                   const std::optional<data::Batch>& keys) {
  const compile::BoundTable& table = bound_.tables[at];
  std::set<std::string> names(columns.begin(), columns.end());
  if (table.transform.filter) stages::add_used_columns(*table.transform.filter, names);
  connect::ReadRequest request = table.read;
  std::erase_if(request.columns.fields,
                [&](const data::Field& field) { return !names.contains(field.name); });
  std::vector<std::string> key_names;
  if (keys) {
    for (const data::Field& field : keys->schema->fields) key_names.push_back(field.name);
  }
  const auto& source = session_.source(table.source).capabilities();
  if (keys && can_look_up(source, table, key_names, keys->rows)) {
    request.keys = keys;
    request.order_by.clear();
  }
  expr::Context context = context_;
  context.table = table.name;
  return std::make_unique<LaidOut>(session_.read_source(table.source, request), table,
                                   std::move(context));
}

}  // namespace engine::run
