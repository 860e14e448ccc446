// Most of what is hashed is a few bytes: a call through the library's table costs as much again.
#define XXH_INLINE_ALL

#include "base/digest.h"

#include <memory>

#include <fmt/format.h>
#include <openssl/evp.h>
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
