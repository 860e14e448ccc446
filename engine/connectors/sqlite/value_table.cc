#include "connectors/sqlite/value_table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace engine::connectors::sqlite {

std::vector<std::string> value_table_columns(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back("f" + std::to_string(i));
  return out;
}

std::string make_value_table(Database& database, const std::string& purpose, std::size_t number,
                             std::size_t columns) {
  const std::string name = fmt::format("temp._engine_{}_{}_{}", purpose, number, columns);
  const std::string list = base::join(value_table_columns(columns), ", ");
  database.run(fmt::format("CREATE TABLE IF NOT EXISTS {} ({}, PRIMARY KEY ({})) WITHOUT ROWID",
                           name, list, list));
  database.run("DELETE FROM " + name);
  return name;
}

Statement insert_into_value_table(Database& database, const std::string& table,
                                  std::size_t columns) {
  std::string marks;
  for (std::size_t i = 0; i < columns; ++i) marks += i == 0 ? "?" : ", ?";
  return database.prepare("INSERT OR IGNORE INTO " + table + " VALUES (" + marks + ")");
}

bool is_unique(const connect::TableInfo& parent, std::vector<std::string> fields) {
  std::sort(fields.begin(), fields.end());
  const auto matches = [&](std::vector<std::string> columns) {
    std::sort(columns.begin(), columns.end());
    return columns == fields;
  };
  return matches(parent.primary_key) ||
         std::any_of(parent.unique_indexes.begin(), parent.unique_indexes.end(), matches);
}

/// "left.a = right.x AND left.b = right.y"
std::string join_text(const std::string& left, const std::vector<std::string>& left_columns,
                      const std::string& right, const std::vector<std::string>& right_columns) {
  std::string out;
  for (std::size_t i = 0; i < left_columns.size(); ++i) {
    out += fmt::format("{}{}.{} = {}.{}", i == 0 ? "" : " AND ", left, quoted_name(left_columns[i]),
                       right, quoted_name(right_columns[i]));
  }
  return out;
}

}  // namespace engine::connectors::sqlite
