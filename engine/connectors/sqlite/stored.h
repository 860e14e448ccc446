#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sqlite/database.h"

namespace engine::connectors::sqlite {

/// A value as the store holds it: one of its five storage classes. `bytes` points into somebody
/// else's memory.
struct Stored {
  enum class Class : std::uint8_t { kNull = 0, kInteger = 1, kReal = 2, kText = 3, kBlob = 4 };
  Class storage = Class::kNull;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view bytes = {};

  bool operator==(const Stored&) const = default;
};

/// What a column of the current row holds; valid until the statement moves.
Stored stored_value(sqlite3_value* value);
/// Binds without copying: the bytes must outlive the step.
void bind_stored(Statement& statement, int parameter, const Stored& value);

/// The wire form of values, kept in undo blocks and hashed for row digests. Version 1,
/// little-endian, value after value:
///   u8 class (0 NULL, 1 integer, 2 real, 3 text, 4 blob)
///   integer: 8 bytes · real: the 8 bytes of the IEEE double · text, blob: u32 length, bytes (text
///   in UTF-8)
void append_wire(std::string& out, const Stored& value);
/// The wire form of a whole row in place of what `out` held; sized once, for the rows of a load.
void wire_of_row(std::string& out, const std::vector<Stored>& row);
/// The values of one row, pointing into `wire`. Throws E503 when it is no wire form.
std::vector<Stored> parse_wire(std::string_view wire);

/// Names as a wire form of texts, and back.
std::string wire_of_names(const std::vector<std::string>& names);
std::vector<std::string> names_of_wire(std::string_view wire);

/// "code=P0100, locale=en" for messages; a text is cut after 200 bytes, a blob is shown in hex.
std::string key_text(const std::vector<std::string>& names, const std::vector<Stored>& key);
std::string text_of(const Stored& value);

}  // namespace engine::connectors::sqlite
