#include "connect/catalog.h"

#include <algorithm>

namespace engine::connect {

const ColumnInfo* TableInfo::find(std::string_view column) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const ColumnInfo& info) { return info.name == column; });
  return found == columns.end() ? nullptr : &*found;
}

}  // namespace engine::connect
