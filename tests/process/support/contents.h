#pragma once

#include <sqlite3.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace engine::testing {

/// What a table holds: each row's cells with their storage class and exact bytes, by the cells of
/// its key.
using TableContents = std::map<std::string, std::string>;
/// By table; the definitions stand under the empty name. The engine's own tables are left out.
using Contents = std::map<std::string, TableContents>;

/// A database file as another program sees it: the store's own library, none of the engine's code.
class PlainDatabase {
 public:
  explicit PlainDatabase(const std::string& path);

  sqlite3* handle() const { return handle_.get(); }
  void run(const std::string& sql) const;
  std::int64_t number(const std::string& sql) const;
  std::vector<std::string> texts(const std::string& sql) const;
  /// `key` gives the columns that name a row; without one the whole row does.
  Contents contents(const std::map<std::string, std::vector<std::string>>& keys) const;
  TableContents table(const std::string& table, const std::vector<std::string>& key) const;

 private:
  void each_row(const std::string& sql, const std::function<void(sqlite3_stmt*)>& visit) const;

  std::unique_ptr<sqlite3, int (*)(sqlite3*)> handle_;
};

/// One cell: storage class and exact value.
std::string cell_text(sqlite3_stmt* statement, int column);
std::string sql_name(const std::string& name);

/// The first difference in words, or nothing.
std::string difference(const Contents& expected, const Contents& found);

}  // namespace engine::testing
