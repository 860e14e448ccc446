// One million rows into an empty SQLite table, key and checks on, against the loop a programmer
// would write in C with no checks, no undo, no report.

#include <fmt/format.h>

#include "harness/contest.h"
#include "harness/orders.h"
#include "harness/settings.h"
#include "harness/sqlite.h"

namespace {

using namespace bench;

// The peer: one thread, read step, bind, insert, one transaction, SQLite's own default of a durable
// commit (journal_mode=DELETE, synchronous=FULL), which is the engine's too.
void bare_loop(const std::string& source, const std::string& target) {
  Database from(source, true);
  Database into(target);
  into.run("PRAGMA synchronous=FULL; BEGIN IMMEDIATE");
  Statement read(from, "SELECT * FROM orders");
  Statement insert(into, "INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?,?)");
  const int columns = read.columns();
  while (read.step()) {
    for (int i = 0; i < columns; ++i) {
      sqlite3_bind_value(insert.handle(), i + 1, sqlite3_column_value(read.handle(), i));
    }
    insert.step();
    insert.reset();
  }
  into.run("COMMIT");
}

// The least SQLite itself can do: the rows never leave its virtual machine.
void attach_and_select(const std::string& source, const std::string& target) {
  Database into(target);
  Statement attach(into, "ATTACH ?1 AS shop");
  sqlite3_bind_text(attach.handle(), 1, source.c_str(), -1, SQLITE_STATIC);
  attach.step();
  into.run(
      "PRAGMA main.synchronous=FULL; BEGIN IMMEDIATE; "
      "INSERT INTO main.orders SELECT * FROM shop.orders; COMMIT");
}

// Once more, not counted: what the engine leaves is compared without any hash.
void prove_by_sql(const Contestant& engine, const std::string& source, const std::string& target) {
  engine.prepare();
  engine.run();
  run_forked([&] { require_same_rows(source, target, "orders"); });
}

void measure(const Settings& settings) {
  const std::string source = orders_database(settings.data, settings.rows);
  const std::string folder = settings.fresh_folder("sqlite_load");
  const std::string target = folder + "/target.db";
  const std::string plan = write_orders_plan(folder, source);
  const auto prepare = [&] {
    settings.fresh_folder("sqlite_load/.engine");
    create_empty_orders(target);
  };
  const auto end_state = [&] { return table_digest(target, "orders"); };
  const std::vector<Contestant> contestants = {
      {"bare loop: step, bind, insert; no checks", prepare,
       [&] { return run_forked([&] { bare_loop(source, target); }); }, end_state},
      {"sqlite: ATTACH, INSERT ... SELECT; no checks", prepare,
       [&] { return run_forked([&] { attach_and_select(source, target); }); }, end_state},
      {"engine run --apply; checks, undo, report", prepare,
       [&] {
         return run_command({settings.engine, "run", plan, "--apply", "--yes"},
                            folder + "/log.txt");
       },
       end_state},
  };
  fmt::print("sqlite_load: {} rows x 10 columns into an empty table, key and {} checks on\n",
             settings.rows, kChecks);
  std::string digest;
  const auto all = hold_contest(contestants, settings.rounds, digest);
  prove_by_sql(contestants[2], source, target);
  print_ratios(all, all[0], Meaning::kSpeed);
  const Ratio ratio = time_ratio(all[2], all[0], Meaning::kSpeed);
  print_goal(">= 1.20x the bare loop", ratio.median >= 1.2, fmt::format("{:.2f}x", ratio.median));
  fmt::print("  {} rounds; the same end state in each: {}\n", settings.rounds, digest);
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv)); });
}
