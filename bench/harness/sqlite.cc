#include "harness/sqlite.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstring>
#include <stdexcept>

namespace bench {
namespace {

std::runtime_error failure(sqlite3* handle, const std::string& what) {
  return std::runtime_error(what + ": " + sqlite3_errmsg(handle));
}

template <class Number>
void append_number(std::string& row, Number value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  row.append(bytes, sizeof bytes);
}

void append_value(std::string& row, sqlite3_stmt* statement, int column) {
  const int kind = sqlite3_column_type(statement, column);
  row.push_back(static_cast<char>(kind));
  if (kind == SQLITE_INTEGER) {
    append_number(row, sqlite3_column_int64(statement, column));
  } else if (kind == SQLITE_FLOAT) {
    append_number(row, sqlite3_column_double(statement, column));
  } else if (kind != SQLITE_NULL) {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    const int size = sqlite3_column_bytes(statement, column);
    append_number(row, size);
    if (size > 0) row.append(bytes, static_cast<std::size_t>(size));
  }
}

}  // namespace

Database::Database(const std::string& path, bool read_only) {
  const int flags = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* opened = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(opened);
  if (status != SQLITE_OK) throw failure(opened, "cannot open " + path);
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw failure(handle(), sql);
  }
}

std::int64_t Database::number(const std::string& sql) {
  Statement statement(*this, sql);
  if (!statement.step()) throw std::runtime_error(sql + ": no row");
  return sqlite3_column_int64(statement.handle(), 0);
}

Statement::Statement(Database& database, const std::string& sql) : database_(database.handle()) {
  sqlite3_stmt* prepared = nullptr;
  const int size = static_cast<int>(sql.size());
  if (sqlite3_prepare_v2(database_, sql.c_str(), size, &prepared, nullptr) != SQLITE_OK) {
    throw failure(database_, sql);
  }
  handle_.reset(prepared);
}

bool Statement::step() {
  const int status = sqlite3_step(handle_.get());
  if (status == SQLITE_ROW) return true;
  if (status != SQLITE_DONE) throw failure(database_, "step");
  return false;
}

std::string table_digest(const std::string& path, const std::string& table) {
  Database database(path, true);
  Statement rows(database, "SELECT * FROM " + table);
  const int columns = rows.columns();
  std::string row;
  std::uint64_t count = 0;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  while (rows.step()) {
    row.clear();
    for (int i = 0; i < columns; ++i) append_value(row, rows.handle(), i);
    const XXH128_hash_t hash = XXH3_128bits(row.data(), row.size());
    high += hash.high64;
    low += hash.low64;
    ++count;
  }
  return fmt::format("{}:{:016x}{:016x}", count, high, low);
}

void require_same_rows(const std::string& one, const std::string& other, const std::string& table) {
  Database database(one, true);
  Statement attach(database, "ATTACH ?1 AS other");
  sqlite3_bind_text(attach.handle(), 1, other.c_str(), -1, SQLITE_STATIC);
  attach.step();
  const std::string differing =
      "SELECT count(*) FROM (SELECT * FROM {0}.{2} EXCEPT SELECT * FROM {1}.{2})";
  const std::int64_t missing =
      database.number(fmt::format(fmt::runtime(differing), "main", "other", table));
  const std::int64_t added =
      database.number(fmt::format(fmt::runtime(differing), "other", "main", table));
  if (missing != 0 || added != 0) {
    throw std::runtime_error(
        fmt::format("{} and {} differ: {} rows only in the first, {} only in "
                    "the second",
                    one, other, missing, added));
  }
}

}  // namespace bench
