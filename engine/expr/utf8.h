#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace engine::expr {

/// Walking valid UTF-8 by characters (code points), as every text function counts them.

inline bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

inline std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += continues_character(c) ? 0 : 1;
  return count;
}

/// Where the character after the one at `at` begins.
inline std::size_t next_character(std::string_view text, std::size_t at) {
  do {
    ++at;
  } while (at < text.size() && continues_character(text[at]));
  return at;
}

/// Where character number `count` (from 0) begins, or the end.
inline std::size_t skip_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (count > 0 && at < text.size()) {
    at = next_character(text, at);
    --count;
  }
  return at;
}

std::uint32_t decode_character(std::string_view character);
void append_character(std::string& out, std::uint32_t point);

}  // namespace engine::expr
