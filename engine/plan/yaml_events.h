#pragma once

#include <cstdint>
#include <string>

#include "plan/yaml_tree.h"

namespace engine::plan {

/// What all files of one plan may hold together.
struct YamlLimits {
  std::uint64_t bytes = std::uint64_t{64} << 20;
  std::uint64_t nodes = 10'000'000;
  int depth = 64;
  std::uint64_t alias_expansion = 10;      ///< times the nodes as written
  std::uint64_t small_expansion = 10'000;  ///< so many nodes may always come out of aliases
};

/// Bytes and nodes used up by the files read so far.
struct YamlUse {
  std::uint64_t bytes = 0;
  std::uint64_t nodes = 0;
};

/// Reads one file that was added to the tree into nodes. Mistakes go to `diagnostics`: bad bytes
/// (E102), the first syntax error (E101), limits (E105), and every duplicate key (E103), merge key,
/// tag and further document (E108). nullptr when the file could not be read to its end, or is
/// empty.
const YamlNode* read_yaml(YamlTree& tree, std::uint16_t file, const YamlLimits& limits,
                          YamlUse& use, base::Diagnostics& diagnostics);

/// The check of a file's bytes before any parser sees them: UTF-8, NUL, tabs in the indentation.
/// False when one failed; it was reported.
bool check_bytes(const std::string& name, std::string_view text, base::Diagnostics& diagnostics);

}  // namespace engine::plan
