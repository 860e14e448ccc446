// The library's low-level SHA-256 is deprecated in favour of its one-shot call, which spends more
// time on finding the algorithm than an id of a few bytes takes to hash.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/sha256.h"

#include <algorithm>
#include <cstring>

#include <openssl/sha.h>

#include "base/error.h"
#include "base/sha256_lanes.h"
#include "base/text.h"

namespace engine::base {
namespace {

constexpr std::size_t kBlock = SHA256_CBLOCK;
constexpr std::size_t kLengthBytes = 8;
/// A text of this size fills a block together with its padding.
constexpr std::size_t kMostInBlock = kBlock - 1 - kLengthBytes;
using State = Sha256State;
constexpr State kStart = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};  // FIPS 180-4, 5.3.3

void mix(State& state, const unsigned char* block) {
  if (sha256_instructions()) return mix_sha256(state, block);
  SHA256_CTX context;
  std::copy(state.begin(), state.end(), context.h);
  SHA256_Transform(&context, block);
  std::copy_n(context.h, state.size(), state.begin());
}

void mix_two(State& one, const unsigned char* block, State& two, const unsigned char* other) {
  if (sha256_instructions()) return mix_sha256_two(one, block, two, other);
  mix(one, block);
  mix(two, other);
}

/// FIPS 180-4, 5.1.1: a one bit after the last byte of `blocks`, zeros, the length of all.
void pad(unsigned char* blocks, std::size_t used, std::size_t size, std::size_t total) {
  blocks[used] = 0x80;
  std::memset(blocks + used + 1, 0, size - used - 1 - kLengthBytes);
  const std::uint64_t bits = __builtin_bswap64(total * 8);
  std::memcpy(blocks + size - kLengthBytes, &bits, sizeof bits);
}

void store(const State& state, Sha256& out) {
  for (std::size_t i = 0; i < state.size(); ++i) {
    const std::uint32_t word = __builtin_bswap32(state[i]);
    std::memcpy(out.data() + 4 * i, &word, sizeof word);
  }
}

/// The digest of `done` bytes that led to `state`, followed by `bytes`.
Sha256 finish_from(State state, std::size_t done, std::string_view bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= kBlock; left -= kBlock, at += kBlock) mix(state, at);
  unsigned char tail[2 * kBlock];
  const std::size_t size = left <= kMostInBlock ? kBlock : 2 * kBlock;
  if (left > 0) std::memcpy(tail, at, left);
  pad(tail, left, size, done + bytes.size());
  for (std::size_t i = 0; i < size; i += kBlock) mix(state, tail + i);
  Sha256 out;
  store(state, out);
  return out;
}

/// The state after one block: the key of an HMAC, each byte mixed with `mask`.
State keyed(const std::array<unsigned char, kBlock>& key, unsigned char mask) {
  std::array<unsigned char, kBlock> block = key;
  for (unsigned char& byte : block) byte ^= mask;
  State state = kStart;
  mix(state, block.data());
  return state;
}

Sha256 hmac_from(const State& inner, const State& outer, std::string_view bytes) {
  const Sha256 inside = finish_from(inner, kBlock, bytes);
  return finish_from(outer, kBlock, {reinterpret_cast<const char*>(inside.data()), inside.size()});
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  return finish_from(kStart, 0, bytes);
}

std::string sha256_hex(std::string_view bytes) {
  const Sha256 digest = sha256(bytes);
  return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

HmacStart::HmacStart(std::string_view key) {
  std::array<unsigned char, kBlock> block = {};
  if (key.size() > kBlock) {
    const Sha256 shorter = sha256(key);
    std::copy(shorter.begin(), shorter.end(), block.begin());
  } else if (!key.empty()) {
    std::memcpy(block.data(), key.data(), key.size());
  }
  inner = keyed(block, 0x36);
  outer = keyed(block, 0x5c);
}

HmacSha256::HmacSha256(std::string_view key) {
  const HmacStart start(key);
  inner_ = start.inner;
  outer_ = start.outer;
}

Sha256 HmacSha256::of(std::string_view bytes) const {
  return hmac_from(inner_, outer_, bytes);
}

Sha256Group::Sha256Group(std::string_view prefix, const HmacStart* hmac)
    : prefix_(prefix), hmac_(hmac) {
  const std::size_t size = std::min(prefix.size(), kBlock);
  for (auto& block : blocks_) std::copy_n(prefix.begin(), size, block.begin());
}

void Sha256Group::add(std::string_view rest) {
  if (full()) bug("a group of texts to be hashed is full");
  const std::size_t size = prefix_.size() + rest.size();
  if (size > kMostInBlock) return add_long(rest);
  unsigned char* const block = blocks_[short_texts_].data();
  if (!rest.empty()) std::memcpy(block + prefix_.size(), rest.data(), rest.size());
  pad(block, size, kBlock, size + (hmac_ == nullptr ? 0 : kBlock));
  places_[short_texts_++] = texts_++;
}

void Sha256Group::add_long(std::string_view rest) {
  std::string text = prefix_;
  text += rest;
  digests_[texts_++] =
      hmac_ == nullptr ? sha256(text) : hmac_from(hmac_->inner, hmac_->outer, text);
}

std::span<const Sha256> Sha256Group::finish() {
  hash_blocks();
  const std::size_t texts = texts_;
  texts_ = short_texts_ = 0;
  return {digests_.data(), texts};
}

/// Two by two; a text that is left over goes alone.
void Sha256Group::hash_blocks() {
  const State start = hmac_ == nullptr ? kStart : hmac_->inner;
  for (std::size_t i = 0; i < short_texts_; i += 2) {
    const bool both = i + 1 < short_texts_;
    State one = start;
    State two = start;
    unsigned char* const first = blocks_[i].data();
    unsigned char* const second = both ? blocks_[i + 1].data() : first;
    mix_two(one, first, two, second);
    if (hmac_ != nullptr) end_hmac(one, two);
    store(one, digests_[places_[i]]);
    if (both) store(two, digests_[places_[i + 1]]);
  }
}

/// The outer half: the key's other state, then what the inner half came to.
void Sha256Group::end_hmac(std::array<std::uint32_t, 8>& one,
                           std::array<std::uint32_t, 8>& two) const {
  std::array<std::array<unsigned char, kBlock>, 2> blocks;
  Sha256 inside;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    store(i == 0 ? one : two, inside);
    std::memcpy(blocks[i].data(), inside.data(), inside.size());
    pad(blocks[i].data(), inside.size(), kBlock, kBlock + inside.size());
  }
  one = two = hmac_->outer;
  mix_two(one, blocks[0].data(), two, blocks[1].data());
}

}  // namespace engine::base
