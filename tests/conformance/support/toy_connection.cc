#include <algorithm>
#include <cstring>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "conformance/support/toy_store.h"
#include "data/key.h"

namespace engine::conformance {
namespace {

using base::Error;
using base::Fault;

const ToyTable& require_table(const ToyStore& store, const std::string& name) {
  const auto found = store.tables.find(name);
  if (found != store.tables.end()) return found->second;
  throw Error(Fault::kPlan, "E301", "the toy has no table '" + name + "'");
}

void append(std::vector<data::ColumnBuilder>& builders, data::Batch& batch, const ToyRow& row,
            const std::vector<std::size_t>& places) {
  for (std::size_t i = 0; i < builders.size(); ++i) {
    const ToyCell& cell = row[places[i]];
    if (!cell.spoiled) {
      data::append_value(builders[i], cell.value);
      continue;
    }
    builders[i].append_null();
    batch.errors.push_back({.row = static_cast<std::uint32_t>(batch.rows),
                            .column = batch.schema->fields[i].name,
                            .code = "E403",
                            .reason = "the toy holds something else",
                            .value = "?"});
  }
  ++batch.rows;
}

/// Rows are picked when the source is made: later writes are not seen.
class ToySource final : public connect::Source {
 public:
  ToySource(data::Schema columns, std::vector<ToyRow> rows, std::vector<std::size_t> places)
      : schema_(std::make_shared<data::Schema>(std::move(columns))),
        rows_(std::move(rows)),
        places_(std::move(places)) {}

  bool next(data::Batch& batch) override {
    batch = data::Batch{};
    batch.schema = schema_;
    std::vector<data::ColumnBuilder> builders;
    for (const auto& field : schema_->fields) builders.emplace_back(field.type);
    while (at_ < rows_.size() && batch.rows < data::kMaxBatchRows) {
      append(builders, batch, rows_[at_++], places_);
    }
    for (auto& builder : builders) batch.columns.push_back(builder.finish());
    return batch.rows > 0;
  }
  std::string position() const override { return std::to_string(at_); }

 private:
  std::shared_ptr<const data::Schema> schema_;
  std::vector<ToyRow> rows_;
  std::vector<std::size_t> places_;
  std::size_t at_ = 0;
};

class ToyConnection final : public connect::Connection {
 public:
  ToyConnection(ToyStorePtr store, connect::OpenMode mode) : store_(std::move(store)), mode_(mode) {
    capabilities_.type = "toy";
    capabilities_.writes = true;
    capabilities_.max_unit_tables = 1;
    capabilities_.ordered_read = true;
    capabilities_.deletes = true;
    capabilities_.key_lookup = true;
  }

  const connect::Capabilities& capabilities() const override { return capabilities_; }
  std::string identity() const override { return "toy"; }
  std::string describe_self() const override { return "toy"; }

  std::optional<connect::TableInfo> describe(const std::string& table) override {
    const auto found = store_->tables.find(table);
    if (found == store_->tables.end()) return std::nullopt;
    connect::TableInfo info;
    info.name = table;
    info.primary_key = found->second.key;
    info.empty = found->second.rows.empty();
    for (const auto& field : found->second.schema.fields) {
      connect::ColumnInfo column;
      column.name = field.name;
      column.type = field.type;
      column.declared = data::type_name(field.type);
      info.columns.push_back(column);
    }
    return info;
  }
  std::vector<std::string> tables() override {
    std::vector<std::string> out;
    for (const auto& [name, table] : store_->tables) out.push_back(name);
    return out;
  }
  std::vector<connect::Range> partitions(const connect::ReadRequest&) override { return {{}}; }
  std::unique_ptr<connect::Source> read(const connect::ReadRequest& request,
                                        const connect::Range&) override {
    if (!*seen_) *seen_ = store_->version;
    return toy_source(*store_, request);
  }
  connect::Newest newest(const std::string& table, const std::string& column) override {
    const ToyTable& held = require_table(*store_, table);
    const std::size_t place = held.schema.find(column).value();
    const data::Value* best = nullptr;
    for (const auto& [key, row] : held.rows) {
      const data::Value& value = row[place].value;
      if (!value.null && (best == nullptr || data::compare(value, *best) > 0)) best = &value;
    }
    connect::Newest out;
    if (best != nullptr) out.text = data::value_text(*best);
    out.source_now_us = base::system_clock().now_us();
    return out;
  }
  std::int64_t count(const std::string& table, const std::optional<expr::Sql>&) override {
    return static_cast<std::int64_t>(require_table(*store_, table).rows.size());
  }
  std::unique_ptr<connect::Publisher> publisher() override {
    if (mode_ != connect::OpenMode::kPublish) base::bug("a publisher of a reading connection");
    return toy_publisher(store_, seen_);
  }
  std::unique_ptr<connect::Ledger> ledger() override { return toy_ledger(store_); }
  std::unique_ptr<connect::Target> target(const connect::TableWrite&) override {
    base::bug("the toy stages nothing");
  }
  Fit fits(const connect::ColumnInfo& column, const data::Type& wanted) const override {
    return {.ok = column.type == wanted, .why_not = "another type"};
  }

 private:
  ToyStorePtr store_;
  connect::OpenMode mode_;
  connect::Capabilities capabilities_;
  SeenVersion seen_ = std::make_shared<std::optional<std::uint64_t>>();
};

/// The key bytes of the wanted rows, in the order of the request.
std::vector<std::string> wanted_keys(const data::Batch& keys) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < keys.columns.size(); ++i) columns.push_back(i);
  std::vector<std::string> out;
  for (std::size_t row = 0; row < keys.rows; ++row) {
    out.push_back(data::key_of(keys, columns, row));
  }
  return out;
}

}  // namespace

std::string toy_wire(const ToyRow& row) {
  std::string out;
  for (const auto& cell : row) {
    const std::string text = cell.spoiled ? "?" : data::value_text(cell.value);
    out += cell.value.null ? "-" : std::to_string(text.size()) + ":" + text;
    if (cell.spoiled) out += "!";
  }
  return out;
}

ToyRow toy_row(const std::string& wire, const data::Schema& schema) {
  ToyRow row;
  std::size_t at = 0;
  for (const auto& field : schema.fields) {
    if (wire.at(at) == '-') {
      row.push_back({.value = data::Value::null_of(field.type), .spoiled = false});
      ++at;
      continue;
    }
    const std::size_t colon = wire.find(':', at);
    const std::size_t size = std::stoul(wire.substr(at, colon - at));
    const std::string text = wire.substr(colon + 1, size);
    row.push_back({.value = data::parse_value(field.type, text).value(), .spoiled = false});
    at = colon + 1 + size;
  }
  return row;
}

std::string toy_key_text(const ToyTable& table, const ToyRow& row) {
  std::string out;
  for (const auto& name : table.key) {
    out += (out.empty() ? "" : ", ") + name + "=" +
           data::value_text(row[table.schema.find(name).value()].value);
  }
  return out;
}

std::unique_ptr<connect::Source> toy_source(const ToyStore& store,
                                            const connect::ReadRequest& request) {
  const ToyTable& table = require_table(store, request.table);
  std::vector<std::size_t> places;
  for (const auto& field : request.columns.fields) {
    places.push_back(table.schema.find(field.name).value());
  }
  std::vector<ToyRow> rows;
  if (request.keys) {
    for (const auto& key : wanted_keys(*request.keys)) {
      const auto found = table.rows.find(key);
      if (found != table.rows.end()) rows.push_back(found->second);
    }
  } else {
    for (const auto& [key, row] : table.rows) rows.push_back(row);
  }
  return std::make_unique<ToySource>(request.columns, std::move(rows), std::move(places));
}

std::unique_ptr<connect::Connection> open_toy(ToyStorePtr store, connect::OpenMode mode) {
  return std::make_unique<ToyConnection>(std::move(store), mode);
}

}  // namespace engine::conformance
