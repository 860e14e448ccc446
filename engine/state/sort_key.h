#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/batch.h"
#include "state/row_sorter.h"

namespace engine::state {

/// Appends bytes whose memcmp order is the order of SortSpec. The key bytes come first.
void append_sort_key(std::string& out, const data::Batch& batch, const SortSpec& spec,
                     std::size_t row);

/// Gathers rows of many batches of one schema into new batches. finish() gives what was gathered
/// and begins anew.
class RowGatherer {
 public:
  explicit RowGatherer(std::shared_ptr<const data::Schema> schema);
  void append(const data::Batch& batch, std::size_t row);
  std::size_t rows() const { return rows_; }
  /// Roughly the memory held; looked up now and then, for it walks the columns.
  std::size_t footprint() const;
  data::Batch finish();

 private:
  std::shared_ptr<const data::Schema> schema_;
  std::vector<data::ColumnBuilder> builders_;
  std::vector<data::RowError> errors_;
  std::size_t rows_ = 0;
};

/// True when a gatherer holds enough for one batch of at most `max_bytes`.
bool is_full(const RowGatherer& gatherer, std::size_t max_bytes);

}  // namespace engine::state
