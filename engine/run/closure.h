#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compile/bound.h"
#include "connect/read.h"
#include "expr/expression.h"

namespace engine::run {

/// Where the rows come from that a closure looks at. Rows have the layout of BoundTable::read;
/// columns that were not asked for may be empty pointers.
class ClosureRows {
 public:
  virtual ~ClosureRows() = default;
  /// The rows of a table after the plan's filter. `keys` (columns named as in the source): at least
  /// the rows that have one of these; nullopt: all, in the order of BoundTable::read.
  virtual std::unique_ptr<connect::Source> read(std::size_t table,
                                                const std::vector<std::string>& columns,
                                                const std::optional<data::Batch>& keys) = 0;
};

/// What a run starts from in one table.
struct Seed {
  std::vector<data::Batch> keys;      ///< source keys, one row each, that must be there
  std::optional<std::int64_t> limit;  ///< the first so many rows in key order
  bool whole = false;                 ///< all rows
  bool alone = false;                 ///< all rows, without their parents
};

/// The rows of all tables that a partial run needs: the seeds, and for each row the parents that
/// its references name, theirs in turn, also within one table. Keys are source keys (columns as
/// BoundTable::source_key), ascending by their bytes.
struct Closure {
  struct Table {
    bool whole = false;
    std::vector<data::Batch> keys;
  };
  std::vector<Table> tables;  ///< as Bound::tables
};

/// Errors: E316 a key that no row has, with the nearest there is; E419 when the keys need more than
/// `memory` bytes.
Closure close_over(const compile::Bound& bound, const std::vector<Seed>& seeds, ClosureRows& rows,
                   const expr::Context& context, std::uint64_t memory);

}  // namespace engine::run
