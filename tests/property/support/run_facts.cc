#include "property/support/run_facts.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace engine::testing {

std::int64_t changed_rows(const Contents& before, const Contents& after) {
  std::int64_t count = 0;
  for (const auto& [name, rows] : after) {
    const TableContents& were = before.at(name);
    for (const auto& [key, row] : rows) {
      const auto was = were.find(key);
      count += was == were.end() || was->second != row;
    }
    for (const auto& [key, row] : were) count += !rows.contains(key);
  }
  return count;
}

std::int64_t written_rows(const nlohmann::json& report) {
  std::int64_t count = 0;
  for (const nlohmann::json& table : report["tables"]) {
    const nlohmann::json& books = table.contains("books") ? table["books"] : table;
    for (const char* what : {"inserted", "updated", "deleted", "removed"}) {
      count += books[what].get<std::int64_t>();
    }
  }
  return count;
}

std::set<std::string> DeletionTimes::times(const PlainDatabase& target) const {
  std::set<std::string> out;
  const std::string column = sql_name(column_);
  for (const std::string& table : tables_) {
    for (const std::string& time :
         target.texts("SELECT DISTINCT " + column + " FROM " + sql_name(table) + " WHERE " +
                      column + " IS NOT NULL")) {
      out.insert(time);
    }
  }
  return out;
}

void DeletionTimes::note(const PlainDatabase& target) {
  known_ = times(target);
}

void DeletionTimes::tell(const PlainDatabase& target, const PlainDatabase& oracle) {
  std::string fresh;
  for (const std::string& time : times(target)) {
    if (!known_.insert(time).second) continue;
    if (!fresh.empty()) throw std::runtime_error("one run deleted at " + fresh + " and " + time);
    fresh = time;
  }
  if (fresh.empty()) return;
  for (const std::string& table : tables_) {
    oracle.run("UPDATE " + sql_name(table) + " SET " + sql_name(column_) + " = '" + fresh +
               "' WHERE " + sql_name(column_) + " = '" + kNow + "'");
  }
}

}  // namespace engine::testing
