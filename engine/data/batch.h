#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/column.h"
#include "data/schema.h"

namespace engine::data {

inline constexpr std::size_t kMaxBatchRows = 8192;
inline constexpr std::size_t kMaxBatchBytes = std::size_t{4} << 20;

/// A cell that could not become a value of its type. The cell itself is NULL in the batch.
struct RowError {
  std::uint32_t row = 0;
  std::string column;  ///< empty: the row as a whole could not be read
  std::string code;    ///< E4xx
  std::string reason;  ///< without the value
  std::string value;   ///< as text, at most 200 bytes; masked by whoever prints it
};

/// An immutable set of rows: columns of equal length, at most kMaxBatchRows rows or about
/// kMaxBatchBytes (one larger row stands alone). The schema is shared by all batches of a stream.
/// Row errors are ordered by row.
struct Batch {
  std::shared_ptr<const Schema> schema;
  std::vector<ColumnPtr> columns;
  std::size_t rows = 0;
  std::vector<RowError> errors;

  std::size_t footprint() const;
  const Column& column(std::size_t index) const { return *columns[index]; }
};

/// The rows whose numbers are given, in that order; errors of dropped rows are dropped.
Batch take(const Batch& batch, const std::vector<std::uint32_t>& rows);

}  // namespace engine::data
