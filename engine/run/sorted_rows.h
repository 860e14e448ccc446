#pragma once

#include "base/memory.h"
#include "stages/rows.h"
#include "state/row_sorter.h"

namespace engine::run {

/// Rows in another order: reads all of `rows` at the first call, then hands them out sorted.
class SortedRows : public stages::Rows {
 public:
  SortedRows(stages::Rows& rows, state::SortSpec spec, base::MemoryBudget& budget,
             state::Scratch scratch)
      : rows_(rows), sorter_(std::move(spec), budget, std::move(scratch)) {}

  bool next(data::Batch& batch) override {
    if (!sorted_) {
      data::Batch unsorted;
      while (rows_.next(unsorted)) sorter_.add(unsorted);
      sorter_.finish();
      sorted_ = true;
    }
    return sorter_.next(batch);
  }

 private:
  stages::Rows& rows_;
  state::RowSorter sorter_;
  bool sorted_ = false;
};

}  // namespace engine::run
