// Peak memory of ten times the rows against the rows: a table's size must not show.

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "harness/contest.h"
#include "harness/orders.h"
#include "harness/settings.h"
#include "harness/sqlite.h"

namespace {

using namespace bench;

// Loads the source into an empty table, then compares the two again with nothing changed: the two
// ways a large table passes through the engine.
struct Passes {
  Measured load;
  Measured again;
};

Passes measure_size(const Settings& settings, std::int64_t rows) {
  const std::string source = orders_database(settings.data, rows);
  const std::string folder = settings.fresh_folder("memory");
  const std::string plan = write_orders_plan(folder, source);
  const std::vector<std::string> apply = {settings.engine, "run", plan, "--apply", "--yes"};
  Passes passes{{"load", {}}, {"nothing changed", {}}};
  for (int round = 0; round < settings.rounds; ++round) {
    create_empty_orders(folder + "/target.db");
    passes.load.rounds.push_back(run_command(apply, folder + "/load.txt"));
    passes.again.rounds.push_back(run_command(apply, folder + "/again.txt"));
  }
  run_forked([&] {
    if (table_digest(source, "orders") != table_digest(folder + "/target.db", "orders")) {
      throw std::runtime_error("the target does not hold the source's rows");
    }
  });
  return passes;
}

double print_growth(const char* name, const Measured& small, const Measured& large) {
  const double few = median_peak_bytes(small);
  const double many = median_peak_bytes(large);
  fmt::print("  {:<46} {:>5.2f}x   {:.1f} MB -> {:.1f} MB\n", name, many / few, few / 1e6,
             many / 1e6);
  return many / few;
}

void measure(const Settings& settings) {
  fmt::print("memory: {} rows against {}, peak resident set\n", settings.rows * 10, settings.rows);
  const Passes small = measure_size(settings, settings.rows);
  const Passes large = measure_size(settings, settings.rows * 10);
  const double load = print_growth("load into an empty table", small.load, large.load);
  const double again = print_growth("second run, nothing changed", small.again, large.again);
  const double worst = std::max(load, again);
  print_goal("<= 1.20x", worst <= 1.2, fmt::format("{:.2f}x", worst));
  fmt::print("  {} rounds; target equal to source by digest\n", settings.rounds);
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv, 3)); });
}
