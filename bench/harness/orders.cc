#include "harness/orders.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "harness/child.h"
#include "harness/settings.h"
#include "harness/sqlite.h"

namespace bench {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 5> kStates = {"open", "paid", "packed", "shipped", "closed"};
constexpr std::array<const char*, 8> kCities = {"Amsterdam", "Bologna", "Cork",  "Dresden",
                                                "Espoo",     "Faro",    "Ghent", "Haarlem"};
constexpr std::array<const char*, 8> kNames = {"Ada",  "Berta", "Carl",  "Dora",
                                               "Emil", "Frida", "Georg", "Hanna"};

// SplitMix64: row n's numbers depend on n alone, so that data are the same on every machine.
std::uint64_t mixed(std::uint64_t n) {
  n += 0x9e3779b97f4a7c15U;
  n = (n ^ (n >> 30U)) * 0xbf58476d1ce4e5b9U;
  n = (n ^ (n >> 27U)) * 0x94d049bb133111ebU;
  return n ^ (n >> 31U);
}

void bind_text(Statement& insert, int column, const std::string& text) {
  sqlite3_bind_text(insert.handle(), column, text.data(), static_cast<int>(text.size()),
                    SQLITE_TRANSIENT);
}

std::string code_of(std::uint64_t bits) {
  return fmt::format("{}{}{:03X}", "PBCU"[bits % 4], (bits >> 2U) % 4, (bits >> 4U) % 4096);
}

std::string time_of(std::uint64_t bits) {
  return fmt::format("2024-{:02}-{:02} {:02}:{:02}:{:02}", 1 + bits % 12, 1 + (bits >> 8U) % 28,
                     (bits >> 16U) % 24, (bits >> 24U) % 60, (bits >> 32U) % 60);
}

void insert_order(Statement& insert, std::int64_t id) {
  const auto bits = mixed(static_cast<std::uint64_t>(id));
  const auto more = mixed(bits);
  const std::string name = fmt::format("{} Number{}", kNames[bits % 8], more % 100'000);
  sqlite3_bind_int64(insert.handle(), 1, id);
  bind_text(insert, 2, code_of(more));
  bind_text(insert, 3, fmt::format("user{}@mail{}.example.org", id, bits % 500));
  bind_text(insert, 4, name);
  bind_text(insert, 5, kCities[(bits >> 3U) % 8]);
  sqlite3_bind_int64(insert.handle(), 6, static_cast<std::int64_t>(1 + (bits >> 6U) % 900));
  sqlite3_bind_double(insert.handle(), 7, static_cast<double>((more >> 8U) % 10'000'000) / 100);
  bind_text(insert, 8, kStates[(bits >> 20U) % 5]);
  bind_text(insert, 9, time_of(more));
  if (bits % 10 == 0) {
    sqlite3_bind_null(insert.handle(), 10);
  } else {
    bind_text(insert, 10, fmt::format("left at door {} of {}", bits % 97, more % 1000));
  }
  insert.step();
  insert.reset();
}

void fill_orders(const std::string& path, std::int64_t rows) {
  Database database(path);
  database.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
  database.run(kOrdersTable);
  database.run("BEGIN");
  Statement insert(database, "INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?,?)");
  for (std::int64_t id = 1; id <= rows; ++id) insert_order(insert, id);
  database.run("COMMIT; PRAGMA journal_mode=DELETE");
}

void write_field(std::ofstream& out, const Statement& row, int column) {
  if (column > 0) out << ',';
  if (sqlite3_column_type(row.handle(), column) == SQLITE_FLOAT) {
    out << fmt::format("{}", sqlite3_column_double(row.handle(), column));
  } else if (const auto* text = sqlite3_column_text(row.handle(), column)) {
    out << reinterpret_cast<const char*>(text);
  }
}

// No value of theirs needs quotes.
void write_csv(const std::string& orders, const std::string& path) {
  Database database(orders, true);
  Statement row(database, "SELECT * FROM orders ORDER BY id");
  std::ofstream out(path);
  for (int i = 0; i < row.columns(); ++i) {
    out << (i > 0 ? "," : "") << sqlite3_column_name(row.handle(), i);
  }
  out << '\n';
  while (row.step()) {
    for (int i = 0; i < row.columns(); ++i) write_field(out, row, i);
    out << '\n';
  }
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

// Written aside and renamed, so that an interrupted run leaves no half of a database.
template <class Fill>
std::string made_once(const std::string& path, Fill fill) {
  if (fs::exists(path)) return path;
  const std::string aside = path + ".part";
  fs::remove(aside);
  run_forked([&] { fill(aside); });
  fs::rename(aside, path);
  return path;
}

}  // namespace

std::string orders_database(const std::string& folder, std::int64_t rows) {
  return made_once(fmt::format("{}/orders_{}.db", folder, rows),
                   [&](const std::string& path) { fill_orders(path, rows); });
}

std::string changed_orders_database(const std::string& folder, std::int64_t rows) {
  const std::string original = orders_database(folder, rows);
  return made_once(fmt::format("{}/orders_{}_changed.db", folder, rows),
                   [&](const std::string& path) {
                     copy_database(original, path);
                     Database(path).run(
                         "UPDATE orders SET quantity = quantity + 1, amount = amount + 0.25, "
                         "note = 'changed ' || id WHERE id % 100 = 7");
                   });
}

std::string orders_csv(const std::string& folder, std::int64_t rows) {
  const std::string original = orders_database(folder, rows);
  return made_once(fmt::format("{}/orders_{}.csv", folder, rows),
                   [&](const std::string& path) { write_csv(original, path); });
}

void create_empty_orders(const std::string& path) {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) fs::remove(path + suffix);
  Database(path).run(kOrdersTable);
}

void copy_database(const std::string& from, const std::string& to) {
  for (const char* suffix : {"", "-journal", "-wal", "-shm"}) fs::remove(to + suffix);
  fs::copy_file(from, to);
}

std::string write_orders_plan(const std::string& folder, const std::string& source) {
  const fs::path path_of_source = source;
  const bool csv = path_of_source.extension() == ".csv";
  const std::string connection =
      csv ? fmt::format("{{type: files, root: \"{}\"}}", path_of_source.parent_path().string())
          : fmt::format("{{type: sqlite, path: \"{}\"}}", source);
  const std::string from =
      csv ? fmt::format("    from: {{file: {}}}\n", path_of_source.filename().string()) : "";
  const std::string text = R"(version: 1
name: bench-orders
connections:
  shop: )" + connection + R"(
  warehouse: {type: sqlite, path: target.db}
defaults: {source: shop, target: warehouse}
tables:
  orders:
)" + from + R"(    key: id
    checks:
      - primary_key: id
      - not_null: [id, code, email, name, city, quantity, amount, status, created_at]
      - accepted_values: {column: status, values: [open, paid, packed, shipped, closed]}
      - range: {column: quantity, min: 1, max: 1000}
      - range: {column: amount, min: 0}
      - length: {column: name, min: 1, max: 80}
      - format: {column: email, as: email}
      - format: {column: code, as: dtc}
      - regex: {column: created_at, pattern: "^20[0-9]{2}-[0-9]{2}-[0-9]{2} "}
      - row_count_match: {with: source}
)";
  const std::string path = folder + "/plan.yaml";
  write_text(path, text);
  return path;
}

}  // namespace bench
