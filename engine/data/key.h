#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "data/batch.h"

namespace engine::data {

/// Key bytes: an encoding of some columns of a row whose memcmp order is the order of the values,
/// column by column.
///   int64, date, time, timestamp  big-endian with the sign bit flipped      bool  one byte
///   float64   IEEE bits, all flipped when negative, else sign bit flipped (-0.0 becomes 0.0; NaN
///   last) decimal   as a 16-byte big-endian integer with the sign bit flipped     uuid  its 16
///   bytes text, bytes, json, document   the bytes with 00 written 00 FF, ended by 00 00 number
///   sign, exponent and digits, so that the order is numeric NULL      the byte 00, any value is
///   preceded by 01
/// Exact numbers of different types with the same value have different key bytes; callers bring
/// both sides to one type first.
void append_key(std::string& out, const Batch& batch, const std::vector<std::size_t>& columns,
                std::size_t row);
std::string key_of(const Batch& batch, const std::vector<std::size_t>& columns, std::size_t row);
bool key_has_null(const Batch& batch, const std::vector<std::size_t>& columns, std::size_t row);

/// "code=P0100, locale=en": for messages. Masking is the caller's.
std::string key_text(const Batch& batch, const std::vector<std::size_t>& columns, std::size_t row);

/// Equality of two cells of the same type as the engine sees it: NULL equals NULL, floats compare
/// as bits.
bool cells_equal(const Column& a, std::size_t row_a, const Column& b, std::size_t row_b);

}  // namespace engine::data
