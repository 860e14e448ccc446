// A table of one million rows of which one percent changed at the source, undo on, against an
// upsert of everything with no undo.

#include <fmt/format.h>

#include "harness/contest.h"
#include "harness/orders.h"
#include "harness/settings.h"
#include "harness/sqlite.h"

namespace {

using namespace bench;

constexpr const char* kOnConflict =
    " ON CONFLICT (id) DO UPDATE SET code = excluded.code, email = excluded.email, "
    "name = excluded.name, city = excluded.city, quantity = excluded.quantity, "
    "amount = excluded.amount, status = excluded.status, created_at = excluded.created_at, "
    "note = excluded.note";

// The least SQLite itself can do: one statement within its virtual machine, which a program that
// looks at the rows cannot use.
void upsert_by_select(const std::string& source, const std::string& target) {
  Database into(target);
  Statement attach(into, "ATTACH ?1 AS shop");
  sqlite3_bind_text(attach.handle(), 1, source.c_str(), -1, SQLITE_STATIC);
  attach.step();
  into.run(std::string("PRAGMA main.synchronous=FULL; BEGIN IMMEDIATE; "
                       "INSERT INTO main.orders SELECT * FROM shop.orders WHERE true") +
           kOnConflict + "; COMMIT");
}

// The peer: what a program does that reads here and writes there.
void upsert_by_loop(const std::string& source, const std::string& target) {
  Database from(source, true);
  Database into(target);
  into.run("PRAGMA synchronous=FULL; BEGIN IMMEDIATE");
  Statement read(from, "SELECT * FROM orders");
  Statement upsert(into,
                   std::string("INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?,?)") + kOnConflict);
  const int columns = read.columns();
  while (read.step()) {
    for (int i = 0; i < columns; ++i) {
      sqlite3_bind_value(upsert.handle(), i + 1, sqlite3_column_value(read.handle(), i));
    }
    upsert.step();
    upsert.reset();
  }
  into.run("COMMIT");
}

// Once more, not counted: what the engine leaves is compared without any hash.
void prove_by_sql(const Contestant& engine, const std::string& source, const std::string& target) {
  engine.prepare();
  engine.run();
  run_forked([&] { require_same_rows(source, target, "orders"); });
}

void measure(const Settings& settings) {
  const std::string before = orders_database(settings.data, settings.rows);
  const std::string source = changed_orders_database(settings.data, settings.rows);
  const std::string folder = settings.fresh_folder("sqlite_merge");
  const std::string target = folder + "/target.db";
  const std::string plan = write_orders_plan(folder, source);
  const auto prepare = [&] {
    settings.fresh_folder("sqlite_merge/.engine");
    copy_database(before, target);
  };
  const auto end_state = [&] { return table_digest(target, "orders"); };
  const std::vector<Contestant> contestants = {
      {"bare loop: step, bind, upsert; no checks", prepare,
       [&] { return run_forked([&] { upsert_by_loop(source, target); }); }, end_state},
      {"sqlite: INSERT ... SELECT ... ON CONFLICT", prepare,
       [&] { return run_forked([&] { upsert_by_select(source, target); }); }, end_state},
      {"engine run --apply; checks, undo, report", prepare,
       [&] {
         return run_command({settings.engine, "run", plan, "--apply", "--yes"},
                            folder + "/log.txt");
       },
       end_state},
  };
  fmt::print("sqlite_merge: {} rows x 10 columns, 1 % of them changed, undo and {} checks on\n",
             settings.rows, kChecks);
  std::string digest;
  const auto all = hold_contest(contestants, settings.rounds, digest);
  prove_by_sql(contestants[2], source, target);
  print_ratios(all, all[0], Meaning::kSpeed);
  const Ratio ratio = time_ratio(all[2], all[0], Meaning::kSpeed);
  print_goal(">= 1.50x the upsert of everything", ratio.median >= 1.5,
             fmt::format("{:.2f}x", ratio.median));
  fmt::print("  {} rounds; the same end state in each: {}\n", settings.rounds, digest);
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv)); });
}
