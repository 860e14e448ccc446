#include "stages/orphans.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "stages/checks/key_conversion.h"

namespace engine::stages {

ReferenceHashes::ReferenceHashes(ReferenceKeys keys) : keys_(std::move(keys)) {
  for (std::size_t i = 0; i < keys_.columns.size(); ++i) key_columns_.push_back(i);
}

namespace {

/// The key bytes (data/key.h) of one column of fixed width, hashed where they are made. False: the
/// column is of another kind.
bool hash_fixed(const data::Column& column, std::vector<std::uint32_t>& rows,
                std::vector<base::Hash128>& hashes) {
  const bool number = column.type().kind == data::Kind::kInt64;
  if (!number && column.type().kind != data::Kind::kUuid) return false;
  char key[17] = {1};
  rows.resize(column.size());
  hashes.resize(column.size());
  std::size_t count = 0;
  for (std::uint32_t row = 0; row < column.size(); ++row) {
    if (column.is_null(row)) continue;
    if (number) {
      const auto bits = static_cast<std::uint64_t>(column.int64_at(row)) ^ (std::uint64_t{1} << 63);
      const std::uint64_t ordered = __builtin_bswap64(bits);
      std::memcpy(key + 1, &ordered, sizeof ordered);
    } else {
      std::memcpy(key + 1, column.bytes_at(row).data(), 16);
    }
    rows[count] = row;
    hashes[count++] = base::hash128({key, number ? std::size_t{9} : std::size_t{17}});
  }
  rows.resize(count);
  hashes.resize(count);
  return true;
}

/// The same for texts without a NUL, as ids are. False, with nothing added, where one has.
bool hash_texts(const data::Column& column, std::vector<std::uint32_t>& rows,
                std::vector<base::Hash128>& hashes) {
  if (column.type().kind != data::Kind::kText) return false;
  if (column.bytes().find('\0') != std::string::npos) return false;
  std::string key;
  for (std::uint32_t row = 0; row < column.size(); ++row) {
    if (column.is_null(row)) continue;
    key.assign(1, '\1');
    key.append(column.bytes_at(row));
    key.append(2, '\0');
    rows.push_back(row);
    hashes.push_back(base::hash128(key));
  }
  return true;
}

}  // namespace

void ReferenceHashes::load(const data::Batch& batch) {
  rows_.clear();
  hashes_.clear();
  strangers_.clear();
  if (keys_.columns.size() == 1) {
    const data::ColumnPtr& column = batch.columns[keys_.columns.front()];
    const bool same = column->type() == keys_.types.front();
    if (same && (hash_fixed(*column, rows_, hashes_) || hash_texts(*column, rows_, hashes_)))
      return;
  }
  load_any(batch);
}

void ReferenceHashes::load_any(const data::Batch& batch) {
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
