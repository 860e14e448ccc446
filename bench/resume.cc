// A run of one million rows in ten tables, killed when half of them were done, and gone on with:
// what going on costs, against the same run undisturbed. Once as a load of empty tables, half of
// them published; once as a merge of rows of which one percent changed, half of them read.

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "harness/contest.h"
#include "harness/orders.h"
#include "harness/settings.h"
#include "harness/sqlite.h"

namespace {

using namespace bench;
namespace fs = std::filesystem;

constexpr int kTables = 10;
constexpr useconds_t kLookEveryUs = 1000;

std::string table_name(int number) {
  return "orders_" + std::to_string(number);
}

/// The rows of one table dealt out to ten.
std::string dealt(const std::string& from, const std::string& name, bool with_rows) {
  const std::string path = fs::path(from).parent_path() / (name + ".db");
  if (fs::exists(path)) return path;
  run_forked([&] {
    Database into(path + ".new");
    into.run("PRAGMA synchronous=OFF; ATTACH '" + from + "' AS whole; BEGIN");
    for (int i = 0; i < kTables; ++i) {
      std::string create = kOrdersTable;
      create.replace(create.find("orders"), 6, table_name(i));
      into.run(create);
      if (!with_rows) continue;
      into.run(fmt::format("INSERT INTO {} SELECT * FROM whole.orders WHERE id % {} = {}",
                           table_name(i), kTables, i));
    }
    into.run("COMMIT");
  });
  fs::rename(path + ".new", path);
  return path;
}

std::string write_plan(const std::string& folder, const std::string& source) {
  std::string text = fmt::format(
      "version: 1\n"
      "name: bench-resume\n"
      "connections: {{shop: {{type: sqlite, path: \"{}\"}}, warehouse: {{type: sqlite, path: "
      "target.db}}}}\n"
      "run: {{atomic: table, workers: 2}}\n"
      "defaults: {{source: shop, target: warehouse}}\n"
      "tables:\n",
      source);
  for (int i = 0; i < kTables; ++i) {
    text += "  " + table_name(i) +
            ":\n    key: id\n    checks: [primary_key: id, not_null: [code, email], format: "
            "{column: email, as: email}]\n";
  }
  write_text(folder + "/plan.yaml", text);
  return folder + "/plan.yaml";
}

std::string digests(const std::string& target) {
  std::string all;
  for (int i = 0; i < kTables; ++i) all += table_digest(target, table_name(i)) + " ";
  return all;
}

/// Starts the engine and kills it as soon as `halfway` says so. Throws when it ended before.
void kill_halfway(const std::vector<std::string>& words, const std::string& log,
                  const std::function<bool()>& halfway) {
  std::fflush(nullptr);  // or the child's freopen writes what waits here once more
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    if (std::freopen(log.c_str(), "w", stdout) == nullptr) ::_exit(127);
    if (std::freopen(log.c_str(), "a", stderr) == nullptr) ::_exit(127);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }
  int status = 0;
  while (!halfway()) {
    if (::waitpid(child, &status, WNOHANG) == child) {
      throw std::runtime_error("the run ended before it was halfway");
    }
    ::usleep(kLookEveryUs);
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
}

/// Half of the tables are published. A target that is being written is looked at again later.
bool half_published(const std::string& target) {
  try {
    Database looked(target, true);
    return looked.number("SELECT count(*) FROM _engine_ledger") >= kTables / 2;
  } catch (const std::runtime_error&) {
    return false;
  }
}

/// Half of the tables were read to their end and compared, and wait for the publish.
bool half_read(const std::string& folder) {
  int kept = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder + "/.engine")) {
    if (entry.path().string().ends_with(".extract.rows")) ++kept;
  }
  return kept >= kTables / 2;
}

struct Scene {
  std::string name;
  std::string before;  ///< the target, at first
  std::function<bool(const std::string& folder)> halfway;
};

void measure_scene(const Settings& settings, const Scene& scene, const std::string& source) {
  const std::string name = "resume_" + scene.name;
  const std::string folder = settings.fresh_folder(name);
  const std::string target = folder + "/target.db";
  const std::string plan = write_plan(folder, source);
  const auto begin = [&] {
    settings.fresh_folder(name + "/.engine");
    copy_database(scene.before, target);
  };
  const std::vector<std::string> run = {settings.engine, "run", plan, "--apply", "--yes"};
  std::vector<std::string> resume = run;
  resume.emplace_back("--resume");
  const auto end_state = [&] { return digests(target); };
  const std::vector<Contestant> contestants = {
      {"undisturbed run", begin, [&] { return run_command(run, folder + "/log.txt"); }, end_state},
      {"--resume after a kill halfway",
       [&] {
         begin();
         kill_halfway(run, folder + "/killed.txt", [&] { return scene.halfway(folder); });
       },
       [&] { return run_command(resume, folder + "/log.txt"); }, end_state},
  };
  fmt::print("resume, {}: {} rows in {} tables\n", scene.name, settings.rows, kTables);
  std::string digest;
  const auto all = hold_contest(contestants, settings.rounds, digest);
  print_ratios(all, all[0], Meaning::kCost);
  const Ratio ratio = time_ratio(all[1], all[0], Meaning::kCost);
  print_goal("<= 0.60x of an undisturbed run", ratio.median <= 0.6,
             fmt::format("{:.2f}x", ratio.median));
}

void measure(const Settings& settings) {
  const std::string rows = std::to_string(settings.rows);
  const std::string old_rows = orders_database(settings.data, settings.rows);
  const std::string new_rows = changed_orders_database(settings.data, settings.rows);
  const std::string empty = dealt(old_rows, "ten_empty", false);
  const std::string before = dealt(old_rows, "ten_before_" + rows, true);
  const std::string source = dealt(new_rows, "ten_changed_" + rows, true);
  measure_scene(settings,
                {"load", empty,
                 [](const std::string& folder) { return half_published(folder + "/target.db"); }},
                source);
  measure_scene(settings, {"merge", before, half_read}, source);
  print_machine(settings.engine);
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark_main([&] { measure(read_settings(argc, argv)); });
}
