#pragma once

#include <span>
#include <string_view>

namespace engine::base {

/// What `engine explain E106` prints. Every code that the engine can report stands in the
/// catalogue, once.
struct CodeEntry {
  std::string_view code;   ///< "E106"
  std::string_view title;  ///< a few words
  std::string_view cause;  ///< when it is reported, and why that is an error
  std::string_view cure;   ///< what to do next
};

/// nullptr when there is no such code.
const CodeEntry* find_code(std::string_view code);
/// All codes, in ascending order.
std::span<const CodeEntry> all_codes();

}  // namespace engine::base
