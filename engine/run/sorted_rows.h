#pragma once

#include <memory>
#include <utility>

#include "base/memory.h"
#include "compile/bound.h"
#include "connect/read.h"
#include "stages/rows.h"
#include "state/row_sorter.h"

namespace engine::run {

/// A connector's rows as rows of the run.
class SourceRows : public stages::Rows {
 public:
  explicit SourceRows(std::unique_ptr<connect::Source> source) : source_(std::move(source)) {}
  bool next(data::Batch& batch) override { return source_->next(batch); }

 private:
  std::unique_ptr<connect::Source> source_;
};

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

/// The order in which a table's staged rows meet the target's: by key, the row that dedupe prefers
/// first.
inline state::SortSpec staged_order(const compile::BoundTable& table) {
  state::SortSpec spec;
  spec.key = table.comparison.key;
  for (const auto& order : table.comparison.dedupe) {
    spec.order.push_back({order.column, order.descending});
  }
  return spec;
}

}  // namespace engine::run
