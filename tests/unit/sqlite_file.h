#pragma once

#include <sqlite3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "connect/connection.h"
#include "connectors/sqlite/connection.h"
#include "unit/support/temporary_folder.h"

namespace engine::testing {

/// A database file in a folder of its own, which another program (the store's own library) writes
/// to.
class SqliteFile {
 public:
  std::string folder() const { return folder_.path().string(); }
  std::string path() const { return folder() + "/data.db"; }

  /// A handle that stays open; the caller closes it with sqlite3_close.
  sqlite3* handle() const {
    sqlite3* handle = nullptr;
    if (sqlite3_open(path().c_str(), &handle) != SQLITE_OK) throw std::runtime_error("cannot open");
    return handle;
  }

  void run(const std::string& sql) const {
    sqlite3* const database = handle();
    const int result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
    const std::string reason = sqlite3_errmsg(database);
    sqlite3_close(database);
    if (result != SQLITE_OK) throw std::runtime_error(sql + ": " + reason);
  }

  /// Every row of a query, its columns as text, joined with '|'.
  std::vector<std::string> rows(const std::string& sql) const {
    sqlite3* const database = handle();
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      const std::string reason = sqlite3_errmsg(database);
      sqlite3_close(database);
      throw std::runtime_error(sql + ": " + reason);
    }
    std::vector<std::string> out;
    while (sqlite3_step(statement) == SQLITE_ROW) out.push_back(row_text(statement));
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return out;
  }

  std::unique_ptr<connect::Connection> open(connect::OpenMode mode,
                                            const std::string& name = "data.db") const {
    return std::make_unique<connectors::sqlite::SqliteConnection>(folder() + "/" + name, name, mode,
                                                                  nullptr);
  }

 private:
  static std::string row_text(sqlite3_stmt* statement) {
    std::string out;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      const auto* const text = sqlite3_column_text(statement, i);
      out += i == 0 ? "" : "|";
      out += text == nullptr ? "NULL" : reinterpret_cast<const char*>(text);
    }
    return out;
  }

  TemporaryFolder folder_;
};

}  // namespace engine::testing
