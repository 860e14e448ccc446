#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace engine::connectors::postgres {

/// Integers of the protocol: the highest byte first. The bytes must be there.
template <typename Unsigned>
Unsigned big_endian(const char* bytes) {
  Unsigned value;
  std::memcpy(&value, bytes, sizeof(value));
  if constexpr (std::endian::native == std::endian::big || sizeof(value) == 1) return value;
  if constexpr (sizeof(value) == 2) return __builtin_bswap16(value);
  if constexpr (sizeof(value) == 4) return __builtin_bswap32(value);
  if constexpr (sizeof(value) == 8) return __builtin_bswap64(value);
}

template <typename Unsigned>
void append_big_endian(std::string& out, Unsigned value) {
  const char* const lowest_first = reinterpret_cast<const char*>(&value);
  char bytes[sizeof(value)];
  std::memcpy(bytes, lowest_first, sizeof(value));
  const auto turned = big_endian<Unsigned>(bytes);
  out.append(reinterpret_cast<const char*>(&turned), sizeof(turned));
}

}  // namespace engine::connectors::postgres
