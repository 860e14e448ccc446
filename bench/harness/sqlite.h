#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

namespace bench {

/// A connection that throws std::runtime_error on every error.
class Database {
 public:
  explicit Database(const std::string& path, bool read_only = false);
  void run(const std::string& sql);
  std::int64_t number(const std::string& sql);
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Close> handle_;
};

class Statement {
 public:
  Statement(Database& database, const std::string& sql);
  bool step();  ///< true: there is a row
  void reset() { sqlite3_reset(handle_.get()); }
  int columns() const { return sqlite3_column_count(handle_.get()); }
  sqlite3_stmt* handle() const { return handle_.get(); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  sqlite3* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// "1000000:5f0c...": rows and the sum of their XXH3-128 hashes over storage classes and bytes, so
/// independent of order; equal for equal tables.
std::string table_digest(const std::string& path, const std::string& table);

/// Throws unless both files hold the same rows of `table`, by EXCEPT in both directions: a second
/// opinion without any hash.
void require_same_rows(const std::string& one, const std::string& other, const std::string& table);

}  // namespace bench
