// 264 tables under one pattern of which nothing changed since they were moved: what a run costs
// beside the reads alone.

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

#include "harness/child.h"
#include "harness/contest.h"
#include "harness/orders.h"
#include "harness/settings.h"
#include "harness/sqlite.h"

namespace {

using namespace bench;

constexpr int kTables = 264;

std::string table_name(int number) {
  return fmt::format("orders_{:03}", number);
}

void deal_out(const std::string& orders, const std::string& path) {
  copy_database(orders, path);
  Database database(path);
  database.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF");
  const std::string table = kOrdersTable;
  const std::string columns = table.substr(table.find('('));
  for (int i = 0; i < kTables; ++i) {
    const std::string name = table_name(i);
    database.run("CREATE TABLE " + name + " " + columns);
    database.run(fmt::format("INSERT INTO {} SELECT * FROM orders WHERE id % {} = {} ORDER BY id",
                             name, kTables, i));
  }
  database.run("DROP TABLE orders; VACUUM");
}

/// The orders in many tables with the same columns and key. Written aside and renamed, so that an
/// interrupted run leaves no half of a database.
std::string tables_database(const Settings& settings) {
  const std::string orders = orders_database(settings.data, settings.rows);
  const std::string path =
      fmt::format("{}/orders_{}_in_{}.db", settings.data, settings.rows, kTables);
  if (std::filesystem::exists(path)) return path;
  const std::string aside = path + ".part";
  run_forked([&] { deal_out(orders, aside); });
  std::filesystem::rename(aside, path);
  return path;
}

std::string write_plan(const std::string& folder, const std::string& source) {
  const std::string path = folder + "/plan.yaml";
  write_text(path, fmt::format("version: 1\n"
                               "name: patterns\n"
                               "connections:\n"
                               "  shop: {{type: sqlite, path: {}}}\n"
                               "  copy: {{type: sqlite, path: target.db}}\n"
                               "defaults: {{source: shop, target: copy}}\n"
                               "tables:\n"
                               "  \"orders_*\": {{key: catalog, matches: {}}}\n",
                               source, kTables));
  return path;
}

std::int64_t read_table(Database& database, int table) {
  Statement read(database, "SELECT * FROM " + table_name(table) + " ORDER BY id");
  const int columns = read.columns();
  std::int64_t bytes = 0;
  while (read.step()) {
    for (int i = 0; i < columns; ++i) {
      sqlite3_value* const value = sqlite3_column_value(read.handle(), i);
      bytes += sqlite3_value_type(value) == SQLITE_TEXT ? sqlite3_value_bytes(value)
                                                        : sqlite3_value_int64(value);
    }
  }
  return bytes;
}

// The peer: every cell of both sides is looked at, in key order, and nothing else is done.
void read_both(const std::string& source, const std::string& target) {
  Database from(source, true);
  Database into(target, true);
  for (int i = 0; i < kTables; ++i) {
    if (read_table(from, i) != read_table(into, i)) throw std::runtime_error("the sides differ");
  }
}

void measure(const Settings& settings) {
  const std::string source = tables_database(settings);
  const std::string folder = settings.fresh_folder("patterns");
  const std::string target = folder + "/target.db";
  const std::string plan = write_plan(folder, source);
  copy_database(source, target);
  const auto end_state = [&] { return table_digest(target, table_name(100)); };
  const auto nothing = [] {};
  const std::vector<Contestant> contestants = {
      {"bare loop: reads both sides in key order", nothing,
       [&] { return run_forked([&] { read_both(source, target); }); }, end_state},
      {"engine plan: the whole comparison, report", nothing,
       [&] { return run_command({settings.engine, "plan", plan}, folder + "/plan.txt"); },
       end_state},
      {"engine run --apply: the same, nothing to write", nothing,
       [&] {
         return run_command({settings.engine, "run", plan, "--apply", "--yes"},
                            folder + "/run.txt");
       },
       end_state},
  };
  fmt::print("patterns: {} rows in {} tables, nothing changed\n", settings.rows, kTables);
  std::string digest;
  const auto all = hold_contest(contestants, settings.rounds, digest);
  print_ratios(all, all[0], Meaning::kCost);
  const Ratio ratio = time_ratio(all[2], all[0], Meaning::kCost);
  print_goal("<= 1.05x the reads themselves", ratio.median <= 1.05,
             fmt::format("{:.2f}x", ratio.median));
  fmt::print("  {} rounds; the same end state in each: {}\n", settings.rounds, digest);
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv)); });
}
