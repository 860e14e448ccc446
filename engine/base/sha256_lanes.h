#pragma once

#include <array>
#include <cstdint>

namespace engine::base {

using Sha256State = std::array<std::uint32_t, 8>;

/// Whether this processor has instructions for SHA-256; without them the others must not be called.
bool sha256_instructions();
/// Mixes a block of 64 bytes into a state (FIPS 180-4, 6.2.2).
void mix_sha256(Sha256State& state, const unsigned char* block);
/// The same for two, which do not wait for each other: an instruction takes several cycles, but one
/// of the other state can begin in between.
void mix_sha256_two(Sha256State& one, const unsigned char* block, Sha256State& two,
                    const unsigned char* other);

}  // namespace engine::base
