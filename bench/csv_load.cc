// One million rows of a CSV file into an empty SQLite table, key and checks on, against two things
// that check nothing: the inserts alone, of values that lie ready in memory, and the import of the
// sqlite3 program.

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <variant>
#include <vector>

#include "harness/contest.h"
#include "harness/orders.h"
#include "harness/settings.h"
#include "harness/sqlite.h"

namespace {

using namespace bench;

using Value = std::variant<std::monostate, std::int64_t, double, std::string_view>;
constexpr int kColumns = 10;
constexpr int kQuantity = 5;
constexpr int kAmount = 6;

std::string whole_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

template <typename Number>
Number number_of(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Value value_of(int column, std::string_view text) {
  if (text.empty()) return std::monostate();
  if (column == 0 || column == kQuantity) return number_of<std::int64_t>(text);
  if (column == kAmount) return number_of<double>(text);
  return text;
}

/// Row after row; the file has no quotes.
std::vector<Value> values_of(std::string_view text) {
  std::vector<Value> values;
  text.remove_prefix(text.find('\n') + 1);
  while (!text.empty()) {
    for (int column = 0; column < kColumns; ++column) {
      const std::size_t end = text.find(column + 1 < kColumns ? ',' : '\n');
      values.push_back(value_of(column, text.substr(0, end)));
      text.remove_prefix(end + 1);
    }
  }
  return values;
}

void bind(sqlite3_stmt* insert, int parameter, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    sqlite3_bind_int64(insert, parameter, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_bind_double(insert, parameter, *real);
  } else if (const auto* text = std::get_if<std::string_view>(&value)) {
    sqlite3_bind_text(insert, parameter, text->data(), static_cast<int>(text->size()),
                      SQLITE_STATIC);
  } else {
    sqlite3_bind_null(insert, parameter);
  }
}

/// SQLite's own default of a durable commit, which is the engine's too.
void insert_all(const std::vector<Value>& values, const std::string& target) {
  Database into(target);
  into.run("PRAGMA synchronous=FULL; BEGIN IMMEDIATE");
  Statement insert(into, "INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?,?)");
  for (std::size_t at = 0; at < values.size(); at += kColumns) {
    for (int i = 0; i < kColumns; ++i) {
      bind(insert.handle(), i + 1, values[at + static_cast<std::size_t>(i)]);
    }
    insert.step();
    insert.reset();
  }
  into.run("COMMIT");
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Reading the file is not counted: only what the inserts took comes back, through a file.
Usage bare_loop(const std::string& csv, const std::string& target, const std::string& folder) {
  const std::string took = folder + "/bare_loop.txt";
  Usage usage = run_forked([&] {
    const std::string text = whole_file(csv);
    const std::vector<Value> values = values_of(text);
    const auto start = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    insert_all(values, target);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    write_text(took, fmt::format("{} {}", wall.count(), cpu_seconds() - cpu));
  });
  std::ifstream(took) >> usage.seconds >> usage.cpu_seconds;
  return usage;
}

Usage import(const std::string& csv, const std::string& target, const std::string& folder) {
  const std::string quoted = "\"" + csv + "\"";
  return run_command({"sqlite3", target, "PRAGMA synchronous=FULL", ".mode csv",
                      ".import --skip 1 " + quoted + " orders"},
                     folder + "/import.txt");
}

void measure(const Settings& settings) {
  const std::string csv = orders_csv(settings.data, settings.rows);
  const std::string source = orders_database(settings.data, settings.rows);
  const std::string folder = settings.fresh_folder("csv_load");
  const std::string target = folder + "/target.db";
  const std::string plan = write_orders_plan(folder, csv);
  const auto prepare = [&] {
    settings.fresh_folder("csv_load/.engine");
    create_empty_orders(target);
  };
  const auto end_state = [&] { return table_digest(target, "orders"); };
  const auto import_end_state = [&] {  // the program knows no NULL
    run_forked([&] { Database(target).run("UPDATE orders SET note = NULL WHERE note = ''"); });
    return end_state();
  };
  const std::vector<Contestant> contestants = {
      {"bare loop: bind, insert of values in memory", prepare,
       [&] { return bare_loop(csv, target, folder); }, end_state},
      {"sqlite3 .import; no checks, no NULL", prepare, [&] { return import(csv, target, folder); },
       import_end_state},
      {"engine run --apply; checks, undo, report", prepare,
       [&] {
         return run_command({settings.engine, "run", plan, "--apply", "--yes"},
                            folder + "/log.txt");
       },
       end_state},
  };
  fmt::print("csv_load: {} rows x 10 columns of CSV into an empty table, key and {} checks on\n",
             settings.rows, kChecks);
  std::string digest;
  const auto all = hold_contest(contestants, settings.rounds, digest);
  run_forked([&] { require_same_rows(source, target, "orders"); });
  print_ratios(all, all[0], Meaning::kSpeed);
  const double loop = time_ratio(all[2], all[0], Meaning::kSpeed).median;
  const double shell = time_ratio(all[2], all[1], Meaning::kSpeed).median;
  print_goal(">= 1.00x the bare loop", loop >= 1.0, fmt::format("{:.2f}x", loop));
  print_goal(">= 1.80x sqlite3 .import", shell >= 1.8, fmt::format("{:.2f}x", shell));
  fmt::print("  {} rounds; the same end state in each: {}\n", settings.rounds, digest);
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv)); });
}
