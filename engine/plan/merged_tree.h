#pragma once

#include <memory>
#include <set>
#include <vector>

#include "plan/variables.h"
#include "plan/yaml_tree.h"

namespace engine::plan {

/// A plan's nodes after includes, profile and defaults; what remains of the files once the plan is
/// decoded.
struct MergedTree {
  YamlTree yaml;
  const YamlNode* root = nullptr;  ///< under the profile; tables as written
  std::vector<const YamlNode*>
      tables;                         ///< with defaults beneath them, in the order of Plan::tables
  std::set<const YamlNode*> secrets;  ///< scalars that must not be shown
  std::unique_ptr<Variables> variables;

  /// The text of a scalar as a person may see it: variables replaced, secrets and unknown values by
  /// a word.
  std::string visible_text(const YamlNode& node) const;
};

}  // namespace engine::plan
