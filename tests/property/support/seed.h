#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <cstdlib>

namespace engine::testing {

/// A world's seed, within rc::check. ENGINE_PROPERTY_SEED asks for one that was seen before,
/// RC_PARAMS=max_success=N for more of them.
inline std::uint64_t any_seed() {
  if (const char* const given = std::getenv("ENGINE_PROPERTY_SEED")) {
    return std::strtoull(given, nullptr, 10);
  }
  return *rc::gen::noShrink(rc::gen::resize(100, rc::gen::arbitrary<std::uint64_t>()));
}

}  // namespace engine::testing
