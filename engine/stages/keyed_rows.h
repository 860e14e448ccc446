#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch.h"
#include "stages/rows.h"

namespace engine::stages {

/// The key bytes of a batch's rows, one after the other in one buffer that is reused from batch to
/// batch.
class KeyBuffer {
 public:
  void fill(const data::Batch& batch, const std::vector<std::size_t>& columns);
  std::size_t size() const { return ends_.size(); }
  std::string_view key(std::size_t row) const {
    const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
    return {bytes_.data() + begin, ends_[row] - begin};
  }
  /// One of the key's columns is NULL.
  bool has_null(std::size_t row) const { return !nulls_.empty() && nulls_[row] != 0; }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
  std::vector<std::uint8_t> nulls_;  ///< empty: no NULL in any key
};

/// One side of an ordered comparison: batches of a stream with their key bytes.
class KeyedRows {
 public:
  /// `rows` may be nullptr: no rows. Without key columns rows come in any order, and have no keys.
  KeyedRows(Rows* rows, std::vector<std::size_t> key, InOrder order = InOrder::kSure)
      : rows_(rows), columns_(std::move(key)), order_(order) {}

  /// The next batch that has rows; false at the end.
  bool load();
  const data::Batch& batch() const { return batch_; }
  const std::vector<std::size_t>& columns() const { return columns_; }
  std::string_view key(std::size_t row) const { return keys_.key(row); }
  bool has_null(std::size_t row) const { return keys_.has_null(row); }
  bool has_keys() const { return !columns_.empty(); }
  /// The key equals the row's before it, also across batches.
  bool repeats(std::size_t row) const { return !repeats_.empty() && repeats_[row] != 0; }
  bool any_repeats() const { return !repeats_.empty(); }

 private:
  void look_for_repeats();

  Rows* rows_;
  std::vector<std::size_t> columns_;
  InOrder order_;
  data::Batch batch_;
  KeyBuffer keys_;
  std::vector<std::uint8_t> repeats_;  ///< empty: none
  std::string last_;
  bool has_last_ = false;
};

}  // namespace engine::stages
