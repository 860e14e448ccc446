#pragma once

#include "plan/yaml_tree.h"

namespace engine::plan {

/// `over` laid on `under`: mappings merge deep, key by key; everything else replaces. Keys keep the
/// order of `under`, new ones follow. Nodes are shared, so each value keeps its own place. Neither
/// may be nullptr.
const YamlNode* merge_deep(YamlTree& tree, const YamlNode& under, const YamlNode& over);

/// A plan's root under a profile: connections (same type merges, another replaces), vars, run,
/// limits and observe.
const YamlNode* lay_profile(YamlTree& tree, const YamlNode& root, const YamlNode& profile);

/// The mapping with one key's value replaced or added (`key_like` gives a new key its place).
const YamlNode* with_value(YamlTree& tree, const YamlNode& mapping, std::string_view name,
                           const YamlNode& value);

}  // namespace engine::plan
