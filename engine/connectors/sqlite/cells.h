#pragma once

#include <string>
#include <string_view>

#include "connectors/sqlite/stored.h"
#include "data/batch.h"

namespace engine::connectors::sqlite {

/// Appends the cell in the builder's type; false, and nothing appended, when it does not conform.
/// What conforms:
///   bool      integer 0 or 1                      int64   integer
///   float64   real; an integer a double holds     text    text (UTF-8)           bytes  blob
///   decimal, number   integer, text, or real by its shortest digits; a decimal must fit without
///   rounding json      text, integer                       uuid date time timestamp      text in
///   the type's form
/// NULL is NULL of every type.
bool append_cell(const Stored& cell, data::ColumnBuilder& builder);

/// The same for a column without a type of its own: a number is also its digits, and a text is read
/// in the builder's type.
bool append_untyped_cell(const Stored& cell, data::ColumnBuilder& builder);

/// What a text must be to become a value.
bool is_utf8(std::string_view text);

/// Why the cell does not conform: code (E403, E406), reason, value as text of at most 200 bytes.
data::RowError cell_error(const Stored& cell, const data::Type& type);

}  // namespace engine::connectors::sqlite
