#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/memory.h"
#include "data/batch.h"
#include "data/decimal.h"
#include "state/row_sorter.h"

namespace engine::stages {

/// What a `reconcile` compares; names and types are the same on both sides.
struct ReconcileSpec {
  std::vector<std::string> key;       ///< empty: rows are named by nothing
  std::vector<std::string> compared;  ///< whose digests are
  std::vector<std::string> summed;    ///< whole numbers and decimals
  std::vector<std::string> masked;    ///< key columns whose values are not shown
};

/// One side: a digest of all rows, exact sums, and, by key, a digest of each row, sorted on disk
/// where memory does not hold it. observe() until finish(); one thread at a time.
class ReconciledSide {
 public:
  ReconciledSide(std::shared_ptr<const ReconcileSpec> spec, base::MemoryBudget& budget,
                 state::Scratch scratch);

  /// Batches may hold the columns at any place.
  void observe(const data::Batch& rows);
  void finish();

  const base::TableDigest& digest() const { return digest_; }
  /// By ReconcileSpec::summed; nullopt: larger than 38 digits.
  const std::vector<std::optional<data::Int128>>& sums() const { return sums_; }
  const ReconcileSpec& spec() const { return *spec_; }
  /// After finish(), in the order of keys: the key's columns and two int64, the halves of the
  /// row's digest. Only with a key.
  bool next(data::Batch& rows) { return sorter_.next(rows); }

 private:
  void place(const data::Schema& schema);
  void add_sums(const data::Batch& rows);
  data::Batch keyed(const data::Batch& rows) const;

  std::shared_ptr<const ReconcileSpec> spec_;
  state::RowSorter sorter_;
  std::shared_ptr<const data::Schema> seen_, keyed_;
  std::vector<std::size_t> key_, compared_, summed_;
  std::vector<base::Hash128> hashes_;
  base::TableDigest digest_;
  std::vector<std::optional<data::Int128>> sums_;
};

/// Rows that differ, named by key.
struct Differences {
  std::int64_t missing = 0;                                ///< of the source, not in the target
  std::int64_t extra = 0;                                  ///< of the target, not in the source
  std::int64_t other = 0;                                  ///< in both, with other values
  std::vector<std::pair<std::string, std::string>> first;  ///< "id=3", "missing"
  std::int64_t all() const { return missing + extra + other; }
};

/// Reads both sides to their ends. At most `named` rows are named.
Differences differences_of(ReconciledSide& source, ReconciledSide& target, std::size_t named);

}  // namespace engine::stages
