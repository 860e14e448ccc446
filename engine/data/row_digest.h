#pragma once

#include <cstddef>
#include <vector>

#include "base/digest.h"
#include "data/batch.h"

namespace engine::data {

/// Hashes each row of a batch (XXH3-128) over the named columns, in the order given. `out` is
/// resized to the batch's rows. The hashed bytes are the cells one after the other, each
///   - tag, one byte: 0 NULL, 1 bool, 2 int64 date time timestamp, 3 float64, 4 decimal, 5 uuid,
///     6 bytes, 7 text json number document
///   - length of the bytes that follow, 4 bytes, little-endian (0 for NULL)
///   - bytes: bool one byte, 0 or 1; int64, date, time, timestamp 8 bytes and decimal 16 bytes in
///     two's complement, little-endian; float64 its 8 IEEE bytes, little-endian, NaN and -0.0 as
///     they are; all else as it lies
/// so that two rows have the same bytes only when all cells are the same. Names, nullability, the
/// precision of a type and the scale of a decimal are not part of it: compare rows of one schema.
/// On-disk formats hold these hashes, so the layout never changes without their version.
void row_hashes(const Batch& batch, const std::vector<std::size_t>& columns,
                std::vector<base::Hash128>& out);

}  // namespace engine::data
