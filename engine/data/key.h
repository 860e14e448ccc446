#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "data/batch.h"

namespace engine::data {

/// Key bytes: an encoding of some columns of a row whose memcmp order is the order of the values,
/// column by column.
///   - NULL is the byte 00; any value is preceded by 01
///   - bool: one byte; uuid: its 16 bytes
///   - int64, date, time, timestamp: 8 bytes, big-endian, with the sign bit flipped
///   - decimal: 16 bytes likewise
///   - float64: IEEE bits, all flipped when negative, else the sign bit flipped (-0.0 becomes 0.0,
///     every NaN the same one, which comes last)
///   - text, bytes, json, document: the bytes with 00 written 00 FF, ended by 00 00
///   - number: 01 negative, 02 zero, 03 positive; but for zero the place of the first digit (4
///   bytes
///     like an integer), the digits without zeros at either end, 00; complemented when negative
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
