#include "data/batch.h"

#include <algorithm>

namespace engine::data {
namespace {

bool row_before(const RowError& error, std::uint32_t row) {
  return error.row < row;
}

/// The errors of the kept rows, under the rows' new numbers.
std::vector<RowError> take_errors(const std::vector<RowError>& errors,
                                  const std::vector<std::uint32_t>& rows) {
  std::vector<RowError> kept;
  if (errors.empty()) return kept;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto found = std::lower_bound(errors.begin(), errors.end(), rows[i], row_before);
    for (; found != errors.end() && found->row == rows[i]; ++found) {
      kept.push_back(*found);
      kept.back().row = static_cast<std::uint32_t>(i);
    }
  }
  return kept;
}

}  // namespace

std::size_t Batch::footprint() const {
  std::size_t bytes = 0;
  for (const auto& column : columns) bytes += column->footprint();
  for (const auto& error : errors) {
    bytes += sizeof(error) + error.column.size() + error.reason.size() + error.value.size();
  }
  return bytes;
}

Batch take(const Batch& batch, const std::vector<std::uint32_t>& rows) {
  Batch out;
  out.schema = batch.schema;
  out.rows = rows.size();
  out.columns.reserve(batch.columns.size());
  for (const auto& column : batch.columns) out.columns.push_back(take(*column, rows));
  out.errors = take_errors(batch.errors, rows);
  return out;
}

}  // namespace engine::data
