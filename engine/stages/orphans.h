#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "data/batch.h"
#include "stages/keyed_rows.h"
#include "state/key_table.h"

namespace engine::stages {

/// What a row names its parent by.
struct ReferenceKeys {
  std::vector<std::size_t> columns;  ///< of the child, among the written ones
  std::vector<data::Type> types;     ///< of the parent's fields
  std::string parent_keys;           ///< parent_keys_name()
};

/// The parent's key of each row of a batch, as KeyCollector hashes the parent's own. Rows that name
/// no parent (a NULL among the columns) are left out. One thread.
class ReferenceHashes {
 public:
  explicit ReferenceHashes(ReferenceKeys keys);

  void load(const data::Batch& batch);
  /// Rows that name a parent, and the keys they name, in row order.
  const std::vector<std::uint32_t>& rows() const { return rows_; }
  const std::vector<base::Hash128>& keys() const { return hashes_; }
  /// Rows whose value is none of the parent's type, so that no parent can have it.
  const std::vector<std::uint32_t>& strangers() const { return strangers_; }

 private:
  void load_any(const data::Batch& batch);

  ReferenceKeys keys_;
  std::vector<std::size_t> key_columns_;
  KeyBuffer buffer_;
  std::vector<std::uint32_t> rows_, strangers_;
  std::vector<base::Hash128> hashes_;
};

/// Rows of a batch without parent, in row order; `looked_at` grows by those that name one.
class OrphanFinder {
 public:
  OrphanFinder(ReferenceKeys keys, const state::KeyTable& parents)
      : hashes_(std::move(keys)), parents_(parents) {}
  std::vector<std::uint32_t> find(const data::Batch& batch);
  std::int64_t looked_at() const { return looked_at_; }

 private:
  ReferenceHashes hashes_;
  const state::KeyTable& parents_;
  std::vector<std::uint8_t> found_;
  std::int64_t looked_at_ = 0;
};

/// The batch with NULL in these columns of these rows (ascending).
data::Batch with_nulls(const data::Batch& batch, const std::vector<std::size_t>& columns,
                       const std::vector<std::uint32_t>& rows);
/// The batch without these rows (ascending).
data::Batch without_rows(const data::Batch& batch, const std::vector<std::uint32_t>& rows);

}  // namespace engine::stages
