#include "connectors/sqlite/row_access.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace engine::connectors::sqlite {
namespace {

std::string select_text(const TableShape& shape, const std::vector<std::string>& key,
                        const std::vector<std::string>& row_columns) {
  std::string columns;
  for (const auto& name : row_columns) {
    columns += (columns.empty() ? "" : ", ") + quoted_name(name);
  }
  if (!shape.rowid_name.empty()) columns += ", " + shape.rowid_name;
  return "SELECT " + columns + " FROM " + quoted_name(shape.info.name) + " WHERE " +
         (key.empty() ? shape.rowid_name + " = ?1" : key_condition(key, 1));
}

}  // namespace

std::vector<std::string> stored_columns(const TableShape& shape) {
  std::vector<std::string> out;
  for (const auto& column : shape.info.columns) {
    if (!column.generated) out.push_back(column.name);
  }
  return out;
}

std::vector<std::size_t> positions_of(const std::vector<std::string>& names,
                                      const std::vector<std::string>& row_columns) {
  std::vector<std::size_t> out;
  for (const auto& name : names) {
    const auto found = std::find(row_columns.begin(), row_columns.end(), name);
    if (found == row_columns.end()) return {};
    out.push_back(static_cast<std::size_t>(found - row_columns.begin()));
  }
  return out;
}

std::string key_condition(const std::vector<std::string>& names, int first) {
  std::string out;
  int parameter = first;
  for (const auto& name : names) {
    out += fmt::format("{0}{1} = ?{2} AND {1} = ?{2} COLLATE BINARY", out.empty() ? "" : " AND ",
                       quoted_name(name), parameter);
    ++parameter;
  }
  return out;
}

RowFinder::RowFinder(Database& database, const TableShape& shape,
                     const std::vector<std::string>& key,
                     const std::vector<std::string>& row_columns)
    : select_(database.prepare(select_text(shape, key, row_columns))),
      key_(key),
      table_(shape.info.name),
      rowid_name_(shape.rowid_name),
      width_(row_columns.size()) {}

bool RowFinder::find(const std::vector<Stored>& key, std::string& wire) {
  wire.clear();
  for (std::size_t i = 0; i < key.size(); ++i) {
    bind_stored(select_, static_cast<int>(i) + 1, key[i]);
  }
  const bool found = select_.step();
  if (found) {
    for (std::size_t i = 0; i < width_; ++i) {
      append_wire(wire, stored_value(select_.value(static_cast<int>(i))));
    }
    if (!rowid_name_.empty()) rowid_ = select_.integer(static_cast<int>(width_));
  }
  const bool again = found && select_.step();
  select_.reset();
  if (!again) return found;
  throw base::Error(
      base::Fault::kData, "E313",
      "table " + base::quoted(table_) + ": two rows have the key " + key_text(key_, key),
      "remove one of them, or choose a key that is unique in the target");
}

std::string RowFinder::condition(int first) const {
  if (rowid_name_.empty()) return key_condition(key_, first);
  return fmt::format("{} = ?{}", rowid_name_, first);
}

void RowFinder::bind_condition(Statement& statement, int first,
                               const std::vector<Stored>& key) const {
  if (!rowid_name_.empty()) {
    statement.bind(first, rowid_);
    return;
  }
  for (std::size_t i = 0; i < key.size(); ++i) {
    bind_stored(statement, first + static_cast<int>(i), key[i]);
  }
}

}  // namespace engine::connectors::sqlite
