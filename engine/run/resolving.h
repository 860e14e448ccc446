#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "run/extraction.h"
#include "run/job.h"
#include "stages/orphans.h"

namespace engine::run {

/// What became of the references of one table whose orphans do not stay as they are
/// (`on_orphan: null` and `reject`).
struct Resolution {
  struct Found {
    std::int64_t looked_at = 0;  ///< rows that name a parent
    std::int64_t orphans = 0;
  };
  std::vector<Found> found;  ///< as BoundTable::references; zero for the others
};

/// The row will not be in the target, so it needs no parent.
bool asks_for_delete(const compile::BoundTable& table, const data::Batch& staged, std::size_t row);
/// The columns that `on_orphan: null` empties: those that can be NULL.
std::vector<std::size_t> emptied_columns(const compile::BoundTable& table,
                                         const compile::BoundReference& reference);
/// Why a row is rejected that names no row of its parent.
Rejection orphan_rejection(const compile::BoundTable& table,
                           const compile::BoundReference& reference, const data::Batch& rows,
                           std::size_t row);

/// Settles orphans while rows pass: their parents have ended and stand in memory. One thread.
class Resolving {
 public:
  Resolving(Job& job, std::size_t table);
  /// Empties and rejects what has no parent; rows that ask for a delete need none.
  void apply(Extraction& extraction, data::Batch& staged);
  const Resolution& resolution() const { return resolution_; }

 private:
  struct Finder {
    std::size_t reference = 0;
    std::shared_ptr<const state::KeyTable> parents;
    stages::OrphanFinder orphans;
  };
  const compile::BoundTable& table_;
  std::vector<Finder> finders_;
  Resolution resolution_;
};

}  // namespace engine::run
