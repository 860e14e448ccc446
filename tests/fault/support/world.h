#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "process/support/contents.h"

namespace engine::testing {

/// A small plan with its source and its target, before the first run. A function of its name.
struct World {
  std::string connector;  ///< of the target: "sqlite" or "files"
  std::string name;
  std::string plan;
  std::string source_sql;
  std::string target_sql;                                  ///< sqlite
  std::vector<std::pair<std::string, std::string>> files;  ///< files: name and bytes
  std::map<std::string, std::vector<std::string>> keys;    ///< sqlite: by table
  std::vector<std::vector<std::string>> units;             ///< objects that change together
};

std::vector<World> worlds(const std::string& connector);

/// Writes plan, source and target into an empty folder.
void make_world(const World& world, const std::filesystem::path& folder);

/// Every object of the target as another program sees it. Looks at a copy made beneath `aside`,
/// for a reader of the store might mend what a killed writer left. Files that are written aside are
/// seen only if `all`.
Contents target_of(const World& world, const std::filesystem::path& folder,
                   const std::filesystem::path& aside, bool all);

}  // namespace engine::testing
