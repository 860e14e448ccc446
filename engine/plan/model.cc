#include "plan/model.h"

#include <algorithm>

namespace engine::plan {

const Connection* Plan::connection(std::string_view connection_name) const {
  for (const Connection& connection : connections) {
    if (connection.name.text == connection_name) return &connection;
  }
  return nullptr;
}

const IdMap* Plan::id_map(std::string_view map_name) const {
  const auto found = std::find_if(ids.begin(), ids.end(),
                                  [&](const IdMap& map) { return map.name.text == map_name; });
  return found == ids.end() ? nullptr : &*found;
}

const Table* Plan::table(std::string_view table_name) const {
  if (tables_by_name.size() != tables.size()) {
    const auto found = std::find_if(tables.begin(), tables.end(), [&](const Table& table) {
      return table.name.text == table_name;
    });
    return found == tables.end() ? nullptr : &*found;
  }
  const auto found = std::lower_bound(
      tables_by_name.begin(), tables_by_name.end(), table_name,
      [&](std::size_t index, std::string_view wanted) { return tables[index].name.text < wanted; });
  if (found == tables_by_name.end() || tables[*found].name.text != table_name) return nullptr;
  return &tables[*found];
}

}  // namespace engine::plan
