#include "stages/removals.h"

#include <algorithm>

#include "base/clock.h"
#include "base/error.h"

namespace engine::stages {
namespace {

data::ColumnPtr mark_column(const data::Type& type, std::int64_t time_us, std::size_t rows) {
  data::ColumnBuilder builder(type, rows);
  for (std::size_t row = 0; row < rows; ++row) {
    if (type.kind == data::Kind::kTimestamp) {
      builder.append_int64(type.nanos ? time_us * 1000 : time_us);
    } else {
      builder.append_bytes(base::iso_utc(time_us));
    }
  }
  return builder.finish();
}

/// Repeats a one-row column.
data::ColumnPtr repeated(const data::ColumnPtr& one, std::size_t rows) {
  data::ColumnBuilder builder(one->type(), rows);
  for (std::size_t row = 0; row < rows; ++row) builder.append_from(*one, 0);
  return builder.finish();
}

}  // namespace

Removals::Removals(const ComparisonSpec& spec) : key_(spec.key), by_number_(spec.by_content) {
  if (!spec.mark) return;
  mark_field_ = spec.written.fields[*spec.mark];
  mark_ = mark_column(mark_field_.type, spec.marked_us, 1);
}

std::vector<std::size_t> Removals::columns_of(const data::Batch& target) {
  if (!by_number_) return key_;
  const auto number = target.schema->find(connect::kRowNumber);
  if (!number) base::bug("the target's rows came without their numbers");
  return {*number};
}

void Removals::take(const data::Batch& target, connect::ChangeBatch& out) {
  // Keys of a pair may be found after keys that have no pair.
  std::sort(rows_.begin(), rows_.end());
  const std::vector<std::size_t> columns = columns_of(target);
  data::Batch going{.schema = target.schema, .columns = {}, .rows = target.rows, .errors = {}};
  for (const std::size_t column : columns) going.columns.push_back(target.columns[column]);
  if (!schema_) {
    data::Schema schema;
    for (const std::size_t column : columns) schema.fields.push_back(target.schema->fields[column]);
    if (mark_) schema.fields.push_back(mark_field_);
    schema_ = std::make_shared<const data::Schema>(std::move(schema));
  }
  out.rows = data::take(going, rows_);
  out.rows.schema = schema_;
  if (mark_) out.rows.columns.push_back(repeated(mark_, rows_.size()));
  out.removed_bytes = target.footprint() / target.rows * rows_.size();
  out.ops.assign(rows_.size(), mark_ ? connect::Op::kMark : connect::Op::kDelete);
  rows_.clear();
}

}  // namespace engine::stages
