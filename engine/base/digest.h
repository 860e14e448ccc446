#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace engine::base {

using Sha256 = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) of the bytes. Made for keys of a few bytes: no allocation, no look-up of an
/// algorithm.
Sha256 sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

/// HMAC-SHA256 (RFC 2104) under one key, which is mixed in once. Immutable; thread safe.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  Sha256 of(std::string_view bytes) const;

 private:
  using State = std::array<std::uint32_t, 8>;
  State inner_;
  State outer_;
};

/// MD5 (RFC 1321) in lower-case hex; offered to expressions only, never used for integrity.
std::string md5_hex(std::string_view bytes);

/// XXH3-128 (xxHash 0.8) of the bytes; used for keys and row digests. Ordered, so that it can be
/// sorted and merged.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};
Hash128 hash128(std::string_view bytes);
std::uint64_t hash64(std::string_view bytes);
std::string hex(const Hash128& hash);

/// An order-independent digest of a multiset of rows: the sum modulo 2^128 of the rows' hashes,
/// with their count. Two tables with the same rows have the same digest; a changed, missing or
/// doubled row changes it.
struct TableDigest {
  std::uint64_t rows = 0;
  Hash128 sum;
  void add(const Hash128& row);
  void remove(const Hash128& row);
  bool operator==(const TableDigest&) const = default;
  std::string text() const;  ///< "13463:5f0c..."
};

}  // namespace engine::base
