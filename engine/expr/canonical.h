#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "data/column.h"

namespace engine::expr {

/// The canonical encoding that ids are hashed from. One value is
///   NULL   "-"
///   else   tag, length of the text in bytes as decimal digits, ":", text
/// with tag and text
///   x   int64, decimal, number: the canonical number (no trailing zeros), so that 7, 7.0 and
///   number 7 agree f   float64, b bool, d date, c time, i instant, l local timestamp: the value's
///   text (value_text.h) t   text, y bytes (as \x0aff), u uuid, j json as written
/// Values follow one another without a separator; the lengths keep them apart. Any SQL dialect can
/// build it.
void append_canonical(std::string& out, const data::Column& column, std::size_t row);

/// The same of an integer; points into `room`.
std::string_view canonical_integer(std::int64_t value, std::array<char, 32>& room);

/// A text that stands in no column.
void append_canonical_text(std::string& out, std::string_view text);

}  // namespace engine::expr
