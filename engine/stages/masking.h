#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/batch.h"

namespace engine::stages {

/// What stands in a message in place of a value that must not be shown.
inline constexpr const char* kMasked = "***";

/// "code=P0100, email=***": the columns of a row for a message; long values are cut.
std::string shown_row(const data::Batch& batch, const std::vector<std::size_t>& columns,
                      std::size_t row, const std::vector<std::string>& masked);

/// The value for a message, cut to 80 bytes at a character's boundary, control bytes shown as '?'.
std::string shown_value(const data::Column& column, std::size_t row);

/// Columns with a classification; their values are not shown.
std::vector<std::string> masked_columns(const std::map<std::string, std::string>& classification);

}  // namespace engine::stages
