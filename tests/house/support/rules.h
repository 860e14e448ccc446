#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "house/support/source_tree.h"

namespace house {

/// Each rule returns one message a violation, "path:line: what and why"; none means that it holds.
using Violations = std::vector<std::string>;

/// Includes go up the staircase of rooms only.
Violations staircase(const SourceTree& tree);

/// One file alone reads YAML.
Violations one_yaml_reader(const SourceTree& tree);

/// Headers that take long to parse stay inside the room that needs them.
Violations heavy_headers(const SourceTree& tree);

/// Only run/ starts threads.
Violations threads(const SourceTree& tree);

/// No name that says nothing (see the list in rules.cc), in identifiers and in file names.
Violations empty_names(const SourceTree& tree);

/// No unfinished marks, no path of one machine, `#pragma once` in headers.
Violations banned_text(const SourceTree& tree);

/// Sizes that were too long when the rule came, by "path" or "path:function".
using Ratchet = std::map<std::string, std::size_t>;

/// Reads "key size" lines; '#' starts a comment.
Ratchet read_ratchet(const std::string& text);

/// Files of at most 500 lines and functions of at most 70; those in the ratchet exactly as long as
/// it says, so that they can only shrink.
Violations sizes(const SourceTree& tree, const Ratchet& ratchet);

/// Median length, in lines, of all functions of the tree; 0 without any.
std::size_t median_function_lines(const SourceTree& tree);

/// Entries of the project's root that do not belong there.
Violations top_level(const std::vector<std::string>& names);

}  // namespace house
