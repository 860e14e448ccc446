#pragma once

#include <string>
#include <string_view>

#include "connectors/postgres/types.h"
#include "data/batch.h"

namespace engine::connectors::postgres {

/// Appends a value of a binary row that is not NULL to a column of the type that type_of() gave, or
/// that the plan asked a text for. False, and nothing appended, when the type of the engine has no
/// such value: NaN in an exact number, infinite times, years before 1 or beyond 9999, texts that
/// are not UTF-8. Throws E209 when the value's length is none of the type.
bool append_cell(Wire wire, std::string_view value, data::ColumnBuilder& builder);

/// The row error of a value that append_cell() refused; row and column are the caller's.
data::RowError cell_error(Wire wire, std::string_view value, const data::Type& type);

}  // namespace engine::connectors::postgres
