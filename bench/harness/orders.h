#pragma once

#include <cstdint>
#include <string>

namespace bench {

/// The table of the SQLite benchmarks: ten columns as an order system has them, integer primary
/// key, texts, integers, a real, one column that is NULL in a tenth of the rows.
inline constexpr const char* kOrdersTable =
    "CREATE TABLE orders ("
    "id INTEGER PRIMARY KEY, "
    "code TEXT NOT NULL, "
    "email TEXT NOT NULL, "
    "name TEXT NOT NULL, "
    "city TEXT NOT NULL, "
    "quantity INTEGER NOT NULL, "
    "amount REAL NOT NULL, "
    "status TEXT NOT NULL, "
    "created_at TEXT NOT NULL, "
    "note TEXT)";

/// A database of `rows` orders in `folder`, the same bytes every time; made once, by a child
/// process. Returns its path.
std::string orders_database(const std::string& folder, std::int64_t rows);

/// The same with every hundredth row changed (quantity, amount and note).
std::string changed_orders_database(const std::string& folder, std::int64_t rows);

/// An empty file with the empty table.
void create_empty_orders(const std::string& path);

/// A fresh copy, with no journal left beside it.
void copy_database(const std::string& from, const std::string& to);

/// The same orders as a CSV file with a header, NULL as an empty field; made once, likewise.
std::string orders_csv(const std::string& folder, std::int64_t rows);

/// A plan for `engine run` in `folder`, from the orders of `source` (a database, or a .csv) to
/// target.db beside the plan: key, and a battery of checks on. Returns the plan's path. kChecks of
/// them.
std::string write_orders_plan(const std::string& folder, const std::string& source);
inline constexpr int kChecks = 10;

}  // namespace bench
