#include "base/codes.h"

#include <algorithm>
#include <vector>

#include "base/codes_tables.h"

namespace engine::base {

std::span<const CodeEntry> all_codes() {
  static const std::vector<CodeEntry> kAll = [] {
    std::vector<CodeEntry> all;
    for (const auto part : {plan_codes(), target_codes(), run_codes()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kAll;
}

const CodeEntry* find_code(std::string_view code) {
  const auto all = all_codes();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const CodeEntry& entry) { return entry.code == code; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace engine::base
