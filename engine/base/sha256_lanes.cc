#include "base/sha256_lanes.h"

#include "base/error.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

namespace engine::base {
namespace {

// FIPS 180-4, 4.2.2
alignas(16) constexpr std::array<std::uint32_t, 64> kRounds = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

#define ENGINE_SHA_CODE __attribute__((target("sha,sse4.1"), always_inline)) inline

/// A message being mixed: the state in the order the instructions want it, and the last sixteen
/// words of the schedule.
struct Lane {
  __m128i abef, cdgh;
  __m128i words[4];
};

ENGINE_SHA_CODE __m128i load(const void* from) {
  return _mm_loadu_si128(static_cast<const __m128i*>(from));
}

/// a b c d, e f g h (lowest first) become f e b a, h g d c; and back, as it is its own inverse but
/// for the order of halves.
ENGINE_SHA_CODE void begin(Lane& lane, const Sha256State& state, const unsigned char* block) {
  const __m128i badc = _mm_shuffle_epi32(load(state.data()), 0xB1);
  const __m128i hgfe = _mm_shuffle_epi32(load(state.data() + 4), 0x1B);
  lane.abef = _mm_alignr_epi8(badc, hgfe, 8);
  lane.cdgh = _mm_blend_epi16(hgfe, badc, 0xF0);
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  for (std::size_t i = 0; i < 4; ++i) {
    lane.words[i] = _mm_shuffle_epi8(load(block + 16 * i), big_endian);
  }
}

/// Four rounds with words 4 * group and on; `words` of the next but three groups follow from them.
ENGINE_SHA_CODE void four_rounds(Lane& lane, std::size_t group) {
  __m128i& word = lane.words[group % 4];
  const __m128i sums = _mm_add_epi32(word, load(kRounds.data() + 4 * group));
  lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, sums);
  lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, _mm_shuffle_epi32(sums, 0x0E));
  if (group >= 12) return;
  const __m128i& after = lane.words[(group + 1) % 4];
  const __m128i& last = lane.words[(group + 3) % 4];
  const __m128i seven_back = _mm_alignr_epi8(last, lane.words[(group + 2) % 4], 4);
  word = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(word, after), seven_back), last);
}

ENGINE_SHA_CODE void end(const Lane& lane, Sha256State& state) {
  const __m128i feba = _mm_shuffle_epi32(lane.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(lane.cdgh, 0xB1);
  auto* const out = reinterpret_cast<__m128i*>(state.data());
  const __m128i abcd = _mm_blend_epi16(feba, dchg, 0xF0);
  const __m128i efgh = _mm_alignr_epi8(dchg, feba, 8);
  _mm_storeu_si128(out, _mm_add_epi32(load(state.data()), abcd));
  _mm_storeu_si128(out + 1, _mm_add_epi32(load(state.data() + 4), efgh));
}

}  // namespace

bool sha256_instructions() {
  static const bool there = [] {
    unsigned a = 0, b = 0, c = 0, d = 0;
    const bool sse41 = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSE4_1) != 0;
    return sse41 && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
  }();
  return there;
}

__attribute__((target("sha,sse4.1"))) void mix_sha256(Sha256State& state,
                                                      const unsigned char* block) {
  Lane lane;
  begin(lane, state, block);
#pragma GCC unroll 16
  for (std::size_t group = 0; group < 16; ++group) four_rounds(lane, group);
  end(lane, state);
}

__attribute__((target("sha,sse4.1"))) void mix_sha256_two(Sha256State& one,
                                                          const unsigned char* block,
                                                          Sha256State& two,
                                                          const unsigned char* other) {
  Lane first, second;
  begin(first, one, block);
  begin(second, two, other);
#pragma GCC unroll 16
  for (std::size_t group = 0; group < 16; ++group) {
    four_rounds(first, group);
    four_rounds(second, group);
  }
  end(first, one);
  end(second, two);
}

#undef ENGINE_SHA_CODE

}  // namespace engine::base

#else

namespace engine::base {

bool sha256_instructions() {
  return false;
}
void mix_sha256(Sha256State&, const unsigned char*) {
  bug("a processor without instructions for SHA-256 was asked to use them");
}
void mix_sha256_two(Sha256State&, const unsigned char*, Sha256State&, const unsigned char*) {
  bug("a processor without instructions for SHA-256 was asked to use them");
}

}  // namespace engine::base

#endif
