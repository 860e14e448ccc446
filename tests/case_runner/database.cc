#include "case_runner/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <stdexcept>

namespace case_runner {
namespace {

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

std::string bytes_of(sqlite3_stmt* row, int column) {
  const void* data = sqlite3_column_blob(row, column);
  const int size = sqlite3_column_bytes(row, column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::string value_text(sqlite3_stmt* row, int column) {
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
      return "NULL";
    case SQLITE_INTEGER:
      return fmt::format("{}", sqlite3_column_int64(row, column));
    case SQLITE_FLOAT:
      return fmt::format("{:#.17g}", sqlite3_column_double(row, column));
    case SQLITE_TEXT:
      return bytes_of(row, column);
    default: {
      std::string text = "x'";
      for (const char byte : bytes_of(row, column)) {
        text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
      }
      return text + "'";
    }
  }
}

}  // namespace

void Database::Closer::operator()(sqlite3* handle) const {
  sqlite3_close(handle);
}

Database::Database(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open(path.c_str(), &handle);
  handle_.reset(handle);
  if (code != SQLITE_OK) throw std::runtime_error(path + ": " + sqlite3_errmsg(handle));
  sqlite3_busy_timeout(handle, 5000);
}

void Database::execute(const std::string& sql) {
  char* message = nullptr;
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK) return;
  const std::string text = message != nullptr ? message : "unknown SQLite error";
  sqlite3_free(message);
  throw std::runtime_error("SQLite: " + text);
}

std::string Database::query(const std::string& sql) {
  std::string rows;
  const char* rest = sql.c_str();
  while (*rest != '\0') {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v2(handle_.get(), rest, -1, &raw, &rest);
    const Statement statement(raw);
    if (code != SQLITE_OK) {
      throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(handle_.get()));
    }
    if (raw == nullptr) continue;  // only white space or a comment was left
    int step = sqlite3_step(raw);
    for (; step == SQLITE_ROW; step = sqlite3_step(raw)) {
      for (int column = 0; column < sqlite3_column_count(raw); ++column) {
        rows += (column == 0 ? "" : "|") + value_text(raw, column);
      }
      rows += '\n';
    }
    if (step != SQLITE_DONE) {
      throw std::runtime_error(std::string("SQLite: ") + sqlite3_errmsg(handle_.get()));
    }
  }
  return rows;
}

}  // namespace case_runner
