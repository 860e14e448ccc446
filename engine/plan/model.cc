#include "plan/model.h"

#include <algorithm>

#include "base/text.h"

namespace engine::plan {

bool Table::covers(std::string_view table_name) const {
  if (!pattern || !base::glob_match(name.text, table_name)) return false;
  return std::none_of(pattern->except.begin(), pattern->except.end(), [&](const Located& left_out) {
    return base::glob_match(left_out.text, table_name);
  });
}

const Connection* Plan::connection(std::string_view connection_name) const {
  for (const Connection& connection : connections) {
    if (connection.name.text == connection_name) return &connection;
  }
  return nullptr;
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
