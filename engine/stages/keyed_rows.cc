#include "stages/keyed_rows.h"

#include "base/error.h"
#include "data/key.h"

namespace engine::stages {

void KeyBuffer::fill(const data::Batch& batch, const std::vector<std::size_t>& columns) {
  bytes_.clear();
  ends_.resize(batch.rows);
  for (std::size_t row = 0; row < batch.rows; ++row) {
    data::append_key(bytes_, batch, columns, row);
    ends_[row] = bytes_.size();
  }
  nulls_.clear();
  for (const std::size_t column : columns) {
    if (batch.column(column).null_count() == 0) continue;
    nulls_.resize(batch.rows);
    for (std::size_t row = 0; row < batch.rows; ++row) {
      if (batch.column(column).is_null(row)) nulls_[row] = 1;
    }
  }
}

bool KeyedRows::load() {
  if (rows_ == nullptr) return false;
  if (keys_.size() > 0) {
    last_ = keys_.key(keys_.size() - 1);
    has_last_ = true;
  }
  do {
    if (!rows_->next(batch_)) {
      rows_ = nullptr;
      batch_ = {};
      return false;
    }
  } while (batch_.rows == 0);
  if (!columns_.empty()) keys_.fill(batch_, columns_);
  look_for_repeats();
  return true;
}

void KeyedRows::look_for_repeats() {
  repeats_.clear();
  if (columns_.empty()) return;
  for (std::size_t row = has_last_ ? 0 : 1; row < batch_.rows; ++row) {
    const std::string_view before = row == 0 ? std::string_view(last_) : keys_.key(row - 1);
    const int order = before.compare(keys_.key(row));
    if (order < 0) continue;
    if (order > 0 && order_ == InOrder::kHoped) throw RowsOutOfOrder();
    if (order > 0) base::bug("rows did not come in the order of their keys");
    repeats_.resize(batch_.rows);
    repeats_[row] = 1;
  }
}

}  // namespace engine::stages
