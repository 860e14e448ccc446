#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "plan/yaml_events.h"

namespace engine::plan {

/// Reads a plan file with everything it includes into one mapping. Includes must lie beneath the
/// project root: the nearest folder upward of the plan with `.git` or `.engine-root`, else the
/// plan's own folder; symbolic links are followed before that is judged. They may hold anything but
/// version, name, profiles and run; a name defined twice is E121.
class PlanFiles {
 public:
  PlanFiles(YamlTree& tree, base::Diagnostics& diagnostics)
      : tree_(tree), diagnostics_(diagnostics) {}

  /// nullptr when nothing of the plan could be read.
  const YamlNode* read_plan_file(const std::string& file);

  /// One more file beneath the root (a table definition), read as YAML. `said` is where its path
  /// stands.
  const YamlNode* read_part(const std::string& path, const base::Span& said);

 private:
  struct Section {
    const YamlNode* key;
    std::vector<const YamlNode*> values;  ///< one a file
  };

  const YamlNode* read_one(const std::string& name, const std::filesystem::path& path);
  void add_sections(const YamlNode& root, bool included);
  void follow(const YamlNode& include);
  void include_file(const YamlNode& entry);
  bool allowed(const std::filesystem::path& path, const base::Span& said);
  const YamlNode* join(const Section& section);
  const YamlNode* join_mappings(const Section& section);
  const YamlNode* join_lists(const Section& section);

  YamlTree& tree_;
  base::Diagnostics& diagnostics_;
  YamlLimits limits_;
  YamlUse use_;
  std::filesystem::path root_folder_;
  std::vector<std::filesystem::path> open_;  ///< files being read, outermost first
  std::set<std::filesystem::path> done_;
  std::vector<Section> sections_;
};

}  // namespace engine::plan
