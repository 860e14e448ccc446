#include "expr/utf8.h"

namespace engine::expr {

std::uint32_t decode_character(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (first < 0x80) return first;
  std::uint32_t point = first & (character.size() == 2 ? 0x1fU : character.size() == 3 ? 0xfU : 7U);
  for (const char c : character.substr(1)) {
    point = (point << 6) | (static_cast<unsigned char>(c) & 0x3fU);
  }
  return point;
}

void append_character(std::string& out, std::uint32_t point) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((point >> shift) & 0x3f)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
    return;
  }
  if (point < 0x800) {
    out += static_cast<char>(0xc0 | (point >> 6));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xe0 | (point >> 12));
    tail(6);
  } else {
    out += static_cast<char>(0xf0 | (point >> 18));
    tail(12);
    tail(6);
  }
  tail(0);
}

}  // namespace engine::expr
