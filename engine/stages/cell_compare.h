#pragma once

#include <cstdint>
#include <vector>

#include "data/column.h"

namespace engine::stages {

/// A staged row and the target's row of the same key.
struct RowPair {
  std::uint32_t staged = 0;
  std::uint32_t target = 0;
};

/// Sets `different[i]` to 1 where the cells of pair i differ (as data::cells_equal judges: NULL
/// equals NULL, floats as bits); other entries are left alone. Column by column, because a typed
/// loop over thousands of cells costs a fraction of a look at each row.
void mark_different(const data::Column& staged, const data::Column& target,
                    const std::vector<RowPair>& pairs, std::vector<std::uint8_t>& different);

}  // namespace engine::stages
