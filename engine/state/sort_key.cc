#include "state/sort_key.h"

#include <algorithm>
#include <utility>

#include "data/key.h"

namespace engine::state {
namespace {

constexpr char kValue = 1;
constexpr char kNullLast = 2;

/// Key bytes are prefix-free, so their complement sorts exactly the other way round.
void complement(std::string& bytes, std::size_t from) {
  for (std::size_t i = from; i < bytes.size(); ++i) bytes[i] = static_cast<char>(~bytes[i]);
}

void append_order(std::string& out, const data::Batch& batch, const SortSpec::Order& order,
                  std::size_t row) {
  if (batch.column(order.column).is_null(row)) {
    out.push_back(kNullLast);
    return;
  }
  out.push_back(kValue);
  const std::size_t from = out.size();
  data::append_key(out, batch, {order.column}, row);
  if (order.descending) complement(out, from);
}

}  // namespace

void append_sort_key(std::string& out, const data::Batch& batch, const SortSpec& spec,
                     std::size_t row) {
  data::append_key(out, batch, spec.key, row);
  for (const auto& order : spec.order) append_order(out, batch, order, row);
}

RowGatherer::RowGatherer(std::shared_ptr<const data::Schema> schema) : schema_(std::move(schema)) {
  builders_.reserve(schema_->size());
  for (const auto& field : schema_->fields) builders_.emplace_back(field.type);
}

void RowGatherer::append(const data::Batch& batch, std::size_t row) {
  for (std::size_t i = 0; i < builders_.size(); ++i) {
    builders_[i].append_from(batch.column(i), row);
  }
  const auto first =
      std::lower_bound(batch.errors.begin(), batch.errors.end(), row,
                       [](const data::RowError& error, std::size_t at) { return error.row < at; });
  for (auto error = first; error != batch.errors.end() && error->row == row; ++error) {
    errors_.push_back(*error);
    errors_.back().row = static_cast<std::uint32_t>(rows_);
  }
  ++rows_;
}

std::size_t RowGatherer::footprint() const {
  std::size_t bytes = 0;
  for (const auto& builder : builders_) bytes += builder.footprint();
  return bytes;
}

data::Batch RowGatherer::finish() {
  data::Batch batch{.schema = schema_, .columns = {}, .rows = rows_, .errors = {}};
  for (auto& builder : builders_) batch.columns.push_back(builder.finish());
  batch.errors = std::exchange(errors_, {});
  rows_ = 0;
  return batch;
}

bool is_full(const RowGatherer& gatherer, std::size_t max_bytes) {
  constexpr std::size_t kLookEveryRows = 32;
  if (gatherer.rows() >= data::kMaxBatchRows) return true;
  return gatherer.rows() % kLookEveryRows == 0 && gatherer.rows() > 0 &&
         gatherer.footprint() >= max_bytes;
}

}  // namespace engine::state
