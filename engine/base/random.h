#pragma once

#include <cstddef>
#include <string>

namespace engine::base {

/// `digits` lower-case hexadecimal digits from the system's random source; for run ids and names of
/// temporary files.
std::string random_hex(std::size_t digits);

}  // namespace engine::base
