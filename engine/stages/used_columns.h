#pragma once

#include <set>
#include <string>

#include "expr/node.h"

namespace engine::stages {

/// Adds the names of the columns that an expression reads.
inline void add_used_columns(const expr::Node& node, std::set<std::string>& names) {
  if (node.kind == expr::NodeKind::kColumn) names.insert(node.name);
  for (const expr::NodePtr& arg : node.args) add_used_columns(*arg, names);
}

}  // namespace engine::stages
