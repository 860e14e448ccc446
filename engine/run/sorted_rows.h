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

/// Rows in another order: reads all of `rows` at the first call, then hands them out sorted. Where
/// order is hoped for, rows that begin in order are taken to go on so, and handed out as they come:
/// whoever takes them looks whether they do.
class SortedRows : public stages::Rows {
 public:
  SortedRows(stages::Rows& rows, state::SortSpec spec, base::MemoryBudget& budget,
             state::Scratch scratch, stages::InOrder order = stages::InOrder::kSure)
      : rows_(rows),
        sorter_(std::move(spec), budget, std::move(scratch)),
        hopes_(order == stages::InOrder::kHoped) {}

  bool next(data::Batch& batch) override {
    if (!sorted_) sort();
    return sorter_.next(batch) || (more_ && rows_.next(batch));
  }

 private:
  /// Enough to see how rows come, and so few that they are soon on their way.
  static constexpr std::size_t kBeginning = 4;

  void sort() {
    data::Batch unsorted;
    for (std::size_t taken = 0; !more_ && rows_.next(unsorted); ++taken) {
      sorter_.add(unsorted);
      more_ = hopes_ && taken == kBeginning && sorter_.in_order();
    }
    sorter_.finish();
    sorted_ = true;
  }

  stages::Rows& rows_;
  state::RowSorter sorter_;
  bool hopes_;
  bool sorted_ = false;
  bool more_ = false;  ///< rows that go on where the sorted ones end
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
