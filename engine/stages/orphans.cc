#include "stages/orphans.h"

#include <algorithm>
#include <utility>

#include "stages/checks/key_conversion.h"

namespace engine::stages {

ReferenceHashes::ReferenceHashes(ReferenceKeys keys) : keys_(std::move(keys)) {
  for (std::size_t i = 0; i < keys_.columns.size(); ++i) key_columns_.push_back(i);
}

void ReferenceHashes::load(const data::Batch& batch) {
  rows_.clear();
  hashes_.clear();
  strangers_.clear();
  data::Batch keys{.schema = nullptr, .columns = {}, .rows = batch.rows, .errors = {}};
  for (std::size_t i = 0; i < keys_.columns.size(); ++i) {
    keys.columns.push_back(as_parent_key(batch.columns[keys_.columns[i]], keys_.types[i]));
  }
  buffer_.fill(keys, key_columns_);
  for (std::uint32_t row = 0; row < batch.rows; ++row) {
    const bool names_none = std::any_of(keys_.columns.begin(), keys_.columns.end(),
                                        [&](auto at) { return batch.columns[at]->is_null(row); });
    if (names_none) continue;
    if (buffer_.has_null(row)) {
      strangers_.push_back(row);
    } else {
      rows_.push_back(row);
      hashes_.push_back(base::hash128(buffer_.key(row)));
    }
  }
}

std::vector<std::uint32_t> OrphanFinder::find(const data::Batch& batch) {
  hashes_.load(batch);
  parents_.look_up(hashes_.keys(), found_);
  std::vector<std::uint32_t> orphans = hashes_.strangers();
  for (std::size_t i = 0; i < found_.size(); ++i) {
    if (found_[i] == 0) orphans.push_back(hashes_.rows()[i]);
  }
  std::sort(orphans.begin(), orphans.end());
  looked_at_ += static_cast<std::int64_t>(hashes_.rows().size() + hashes_.strangers().size());
  return orphans;
}

data::Batch with_nulls(const data::Batch& batch, const std::vector<std::size_t>& columns,
                       const std::vector<std::uint32_t>& rows) {
  data::Batch result = batch;
  if (rows.empty()) return result;
  for (const std::size_t at : columns) {
    const data::Column& column = *batch.columns[at];
    data::ColumnBuilder builder(column.type(), column.size());
    std::size_t next = 0;
    for (std::uint32_t row = 0; row < column.size(); ++row) {
      if (next < rows.size() && rows[next] == row) {
        ++next;
        builder.append_null();
      } else {
        builder.append_from(column, row);
      }
    }
    result.columns[at] = builder.finish();
  }
  return result;
}

data::Batch without_rows(const data::Batch& batch, const std::vector<std::uint32_t>& rows) {
  if (rows.empty()) return batch;
  std::vector<std::uint32_t> kept;
  std::size_t next = 0;
  for (std::uint32_t row = 0; row < batch.rows; ++row) {
    if (next < rows.size() && rows[next] == row) {
      ++next;
    } else {
      kept.push_back(row);
    }
  }
  return data::take(batch, kept);
}

}  // namespace engine::stages
