#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/digest.h"

namespace engine::base {

/// What the key of an HMAC comes to (RFC 2104, section 4): where its two halves begin.
struct HmacStart {
  explicit HmacStart(std::string_view key);
  std::array<std::uint32_t, 8> inner;
  std::array<std::uint32_t, 8> outer;
};

/// Texts that begin alike and are hashed together, as sha256() or HmacSha256::of() would one by
/// one: where the processor has instructions for SHA-256, two short texts take the time of one. One
/// thread.
class Sha256Group {
 public:
  static constexpr std::size_t kMost = 32;

  /// All texts begin with `prefix`. `hmac` may be nullptr, else it must outlive the group.
  Sha256Group(std::string_view prefix, const HmacStart* hmac);

  bool full() const { return texts_ == kMost; }
  /// The prefix followed by `rest`.
  void add(std::string_view rest);
  /// Hashes what was added; the digests stand in that order until the next add().
  std::span<const Sha256> finish();

 private:
  static constexpr std::size_t kBlock = 64;

  void add_long(std::string_view rest);
  void hash_blocks();
  void end_hmac(std::array<std::uint32_t, 8>& one, std::array<std::uint32_t, 8>& two) const;

  std::string prefix_;
  const HmacStart* hmac_;
  std::size_t texts_ = 0;
  std::size_t short_texts_ = 0;
  std::array<std::size_t, kMost> places_;  ///< of the short texts, among all
  std::array<Sha256, kMost> digests_;
  alignas(16) std::array<std::array<unsigned char, kBlock>, kMost> blocks_;  ///< padded short texts
};

}  // namespace engine::base
