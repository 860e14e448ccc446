#pragma once

#include <string_view>

namespace engine::plan {

/// "BackOffice*": a name with a `*` (any characters, also none) or a `?` (one character). Upper and
/// lower case are different, as everywhere in a plan.
inline bool is_pattern(std::string_view name) {
  return name.find_first_of("*?") != std::string_view::npos;
}

}  // namespace engine::plan
