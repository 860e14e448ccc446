#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/memory.h"
#include "data/batch.h"

namespace engine::state {

/// By which columns rows are sorted: first by key bytes (data/key.h, NULLs first), then by
/// `order` (NULLs last in both directions), then as they came.
struct SortSpec {
  std::vector<std::size_t> key;
  struct Order {
    std::size_t column = 0;
    bool descending = false;
  };
  std::vector<Order> order;
};

/// Where a sorter or spool keeps what memory cannot: files `<folder>/<name>.<number>`, deleted by
/// their owner. Names are unique within a run.
struct Scratch {
  std::filesystem::path folder;
  std::string name;
  /// Memory to hold at most, however much the run's budget has; bytes.
  std::uint64_t max_memory = std::uint64_t{64} << 20;
};

/// Sorts any number of rows. What the budget refuses goes to the scratch folder as sorted runs,
/// which are merged at the end; a floor of a few MiB is always used. add() until finish(), then
/// next() until it says false. One thread at a time. Row errors stay with their rows.
/// Errors: E208, E505 of the scratch folder, E503 when a scratch file is damaged.
class RowSorter {
 public:
  RowSorter(SortSpec spec, base::MemoryBudget& budget, Scratch scratch);
  ~RowSorter();
  RowSorter(const RowSorter&) = delete;
  RowSorter& operator=(const RowSorter&) = delete;

  void add(const data::Batch& batch);
  void finish();
  /// The next rows in order.
  bool next(data::Batch& batch);

  /// All rows so far came in the order that they are to have.
  bool in_order() const;
  std::uint64_t rows() const;
  /// Bytes that were written to the scratch folder.
  std::uint64_t spilled_bytes() const;

 private:
  class Runs;
  std::unique_ptr<Runs> runs_;
};

}  // namespace engine::state
