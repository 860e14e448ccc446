#include "process/support/contents.h"

#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace engine::testing {
namespace {

std::string bytes_text(const void* bytes, int size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  const auto* const at = static_cast<const unsigned char*>(bytes);
  for (int i = 0; i < size; ++i) {
    const bool plain = at[i] >= 0x20 && at[i] < 0x7f && at[i] != '\\';
    if (plain) {
      out += static_cast<char>(at[i]);
    } else {
      out += {'\\', kDigits[at[i] >> 4], kDigits[at[i] & 15]};
    }
  }
  return out;
}

std::string row_text(sqlite3_stmt* statement, int first, int end) {
  std::string out;
  for (int i = first; i < end; ++i) out += (i == first ? "" : "|") + cell_text(statement, i);
  return out;
}

std::string table_difference(const TableContents& expected, const TableContents& found) {
  for (const auto& [key, row] : expected) {
    const auto there = found.find(key);
    if (there == found.end()) return "row " + key + " is missing: " + row;
    if (there->second != row) {
      return "row " + key + "\n  expected " + row + "\n  found    " + there->second;
    }
  }
  for (const auto& [key, row] : found) {
    if (!expected.contains(key)) return "row " + key + " is too many: " + row;
  }
  return {};
}

}  // namespace

std::string sql_name(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string cell_text(sqlite3_stmt* statement, int column) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
      return "null";
    case SQLITE_INTEGER:
      return "i" + std::to_string(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT: {
      const double value = sqlite3_column_double(statement, column);
      std::uint64_t bits = 0;
      std::memcpy(&bits, &value, sizeof(bits));
      return "r" + std::to_string(bits) + "(" + std::to_string(value) + ")";
    }
    case SQLITE_TEXT: {
      const unsigned char* const text = sqlite3_column_text(statement, column);
      return "t'" + bytes_text(text, sqlite3_column_bytes(statement, column)) + "'";
    }
    default: {
      const void* const blob = sqlite3_column_blob(statement, column);
      return "b'" + bytes_text(blob, sqlite3_column_bytes(statement, column)) + "'";
    }
  }
}

PlainDatabase::PlainDatabase(const std::string& path) : handle_(nullptr, sqlite3_close) {
  sqlite3* handle = nullptr;
  const int result = sqlite3_open(path.c_str(), &handle);
  handle_.reset(handle);
  if (result != SQLITE_OK) throw std::runtime_error("cannot open " + path);
  sqlite3_busy_timeout(handle, 10'000);
}

void PlainDatabase::run(const std::string& sql) const {
  if (sqlite3_exec(handle(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
  throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle()));
}

void PlainDatabase::each_row(const std::string& sql,
                             const std::function<void(sqlite3_stmt*)>& visit) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle(), sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle()));
  }
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(statement)) == SQLITE_ROW) visit(statement);
  sqlite3_finalize(statement);
  if (result != SQLITE_DONE) throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle()));
}

std::int64_t PlainDatabase::number(const std::string& sql) const {
  std::int64_t out = 0;
  each_row(sql, [&](sqlite3_stmt* statement) { out = sqlite3_column_int64(statement, 0); });
  return out;
}

std::vector<std::string> PlainDatabase::texts(const std::string& sql) const {
  std::vector<std::string> out;
  each_row(sql, [&](sqlite3_stmt* statement) {
    out.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
  });
  return out;
}

TableContents PlainDatabase::table(const std::string& table,
                                   const std::vector<std::string>& key) const {
  std::string columns;
  for (const std::string& column : key) columns += sql_name(column) + ", ";
  TableContents out;
  const int keys = static_cast<int>(key.size());
  each_row("SELECT " + columns + "* FROM " + sql_name(table), [&](sqlite3_stmt* statement) {
    const int count = sqlite3_column_count(statement);
    const std::string row = row_text(statement, keys, count);
    std::string name = keys == 0 ? row : row_text(statement, 0, keys);
    while (out.contains(name)) name += " again";
    out.emplace(std::move(name), row);
  });
  return out;
}

Contents PlainDatabase::contents(
    const std::map<std::string, std::vector<std::string>>& keys) const {
  const std::string own =
      " FROM sqlite_schema WHERE name NOT LIKE '\\_engine%' ESCAPE '\\' AND name NOT LIKE "
      "'sqlite\\_%' ESCAPE '\\'";
  Contents out;
  for (const std::string& sql : texts("SELECT sql" + own)) out[""].emplace(sql, "");
  for (const std::string& name : texts("SELECT name" + own + " AND type = 'table'")) {
    const auto key = keys.find(name);
    out[name] = table(name, key == keys.end() ? std::vector<std::string>() : key->second);
  }
  return out;
}

std::string difference(const Contents& expected, const Contents& found) {
  for (const auto& [name, rows] : expected) {
    const auto there = found.find(name);
    if (there == found.end()) return "table " + name + " is missing";
    const std::string text = table_difference(rows, there->second);
    if (!text.empty()) return (name.empty() ? "definitions" : "table " + name) + ": " + text;
  }
  for (const auto& [name, rows] : found) {
    if (!expected.contains(name)) return "table " + name + " is too many";
  }
  return {};
}

}  // namespace engine::testing
