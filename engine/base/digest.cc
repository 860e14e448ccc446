// The library's low-level SHA-256 is deprecated in favour of its one-shot call, which spends more
// time on finding the algorithm than an id of a few bytes takes to hash.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "base/digest.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <xxhash.h>

#include "base/error.h"
#include "base/text.h"

namespace engine::base {
namespace {

__extension__ typedef unsigned __int128 Sum;

Sum as_sum(const Hash128& hash) {
  return (static_cast<Sum>(hash.high) << 64) | hash.low;
}

Hash128 as_hash(Sum sum) {
  return {static_cast<std::uint64_t>(sum >> 64), static_cast<std::uint64_t>(sum)};
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// The algorithm is looked up once and the context kept per thread: the library's one-shot call
/// spends most of its time on both when the input is an id of a few bytes.
void digest_into(const EVP_MD* algorithm, std::string_view bytes, unsigned char* out) {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const bool done = algorithm != nullptr && context != nullptr &&
                    EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), out, nullptr) == 1;
  if (!done) bug("the cryptographic library refused to compute a digest");
}

}  // namespace

namespace {

constexpr std::size_t kBlock = SHA256_CBLOCK;
using State = std::array<std::uint32_t, 8>;
constexpr State kStart = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                          0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};  // FIPS 180-4, 5.3.3

void mix(SHA256_CTX& context, const unsigned char* block) {
  SHA256_Transform(&context, block);
}

/// The digest of `done` bytes that led to `start`, followed by `bytes`.
Sha256 finish_from(const State& start, std::size_t done, std::string_view bytes) {
  SHA256_CTX context;
  std::copy(start.begin(), start.end(), context.h);
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= kBlock; left -= kBlock, at += kBlock) mix(context, at);
  unsigned char tail[2 * kBlock];
  const std::size_t end = left + 9 <= kBlock ? kBlock : 2 * kBlock;
  if (left > 0) std::memcpy(tail, at, left);
  tail[left] = 0x80;
  std::memset(tail + left + 1, 0, end - left - 9);
  const std::uint64_t bits = __builtin_bswap64((done + bytes.size()) * 8);
  std::memcpy(tail + end - sizeof bits, &bits, sizeof bits);
  for (std::size_t i = 0; i < end; i += kBlock) mix(context, tail + i);
  Sha256 out;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint32_t word = __builtin_bswap32(context.h[i]);
    std::memcpy(out.data() + 4 * i, &word, sizeof word);
  }
  return out;
}

/// The state after one block: the key of an HMAC, each byte mixed with `pad`.
State keyed(const std::array<unsigned char, kBlock>& key, unsigned char pad) {
  SHA256_CTX context;
  std::copy(kStart.begin(), kStart.end(), context.h);
  std::array<unsigned char, kBlock> block = key;
  for (unsigned char& byte : block) byte ^= pad;
  mix(context, block.data());
  State state;
  std::copy(context.h, context.h + state.size(), state.begin());
  return state;
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  return finish_from(kStart, 0, bytes);
}

HmacSha256::HmacSha256(std::string_view key) {
  std::array<unsigned char, kBlock> block = {};
  if (key.size() > kBlock) {
    const Sha256 shorter = sha256(key);
    std::copy(shorter.begin(), shorter.end(), block.begin());
  } else if (!key.empty()) {
    std::memcpy(block.data(), key.data(), key.size());
  }
  inner_ = keyed(block, 0x36);
  outer_ = keyed(block, 0x5c);
}

Sha256 HmacSha256::of(std::string_view bytes) const {
  const Sha256 inside = finish_from(inner_, kBlock, bytes);
  return finish_from(outer_, kBlock, {reinterpret_cast<const char*>(inside.data()), inside.size()});
}

std::string sha256_hex(std::string_view bytes) {
  const Sha256 digest = sha256(bytes);
  return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string md5_hex(std::string_view bytes) {
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
  std::array<unsigned char, 16> out;
  digest_into(kAlgorithm, bytes, out.data());
  return hex({reinterpret_cast<const char*>(out.data()), out.size()});
}

Hash128 hash128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

std::uint64_t hash64(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string hex(const Hash128& hash) {
  return fmt::format("{:016x}{:016x}", hash.high, hash.low);
}

void TableDigest::add(const Hash128& row) {
  ++rows;
  sum = as_hash(as_sum(sum) + as_sum(row));
}

void TableDigest::remove(const Hash128& row) {
  --rows;
  sum = as_hash(as_sum(sum) - as_sum(row));
}

std::string TableDigest::text() const {
  return fmt::format("{}:{}", rows, hex(sum));
}

}  // namespace engine::base
