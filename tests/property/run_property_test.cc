#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "process/support/contents.h"
#include "process/support/engine_process.h"
#include "property/support/random_world.h"
#include "property/support/run_facts.h"
#include "property/support/seed.h"

/// The engine against plain SQL: random tables and rows are moved by a plan and by INSERT ... ON
/// CONFLICT; every step of a run's life is held to what the store itself says.
namespace engine::testing {
namespace {

using nlohmann::json;

class Story {
 public:
  explicit Story(std::uint64_t seed)
      : seed_(seed), world_(seed), times_(world_.soft_tables(), kDeletedAt) {
    process_.write("plan.yaml", world_.plan());
    source().run(world_.source_sql());
    if (world_.has_target()) target().run(world_.target_sql());
    if (world_.has_target()) std::filesystem::copy_file(file("target.db"), file("oracle.db"));
    oracle().run(world_.oracle_preparation());
    if (world_.has_target()) times_.note(target());
  }

  /// Dry run, apply, again, changes, and all the way back.
  void there_and_back() {
    const Contents start = contents();
    dry_run();
    const std::string first = apply();
    again();
    const Contents after_first = contents();
    source().run(world_.change_source_sql());
    dry_run();
    const std::string second = apply();
    roll_back(second, 0);
    same(after_first, "after the rollback of the last run");
    roll_back(first, 0);
    same(start, "after the rollback of the first run");
  }

  /// Runs, other writers and rollbacks in any order, until nothing is left to be undone. Returns
  /// how many runs there were.
  int schedule() {
    std::mt19937_64 random(seed_);
    std::vector<Done> done;
    int runs = 0;
    for (int step = 0; step < 6 || !done.empty(); ++step) {
      const auto choice = step < 6 ? random() % 8 : 7;
      if (choice < 2) target().run(world_.edit_target_sql());
      if (choice == 2 || choice == 3) source().run(world_.change_source_sql());
      if (choice == 4 || choice == 5 || (done.empty() && step < 6)) {
        done.push_back(follow());
        ++runs;
      }
      if (choice < 6 || done.empty()) continue;
      const auto one = done.begin() + static_cast<std::ptrdiff_t>(random() % done.size());
      undo(*one);
      done.erase(one);
    }
    return runs;
  }
  bool has_schedules() const {
    return world_.can_be_undone_in_any_order() && world_.soft_tables().empty();
  }

  /// Somebody else writes between a run and its rollback: their rows stay, and are named.
  void others_are_spared() {
    Done done;
    done.before = contents();
    done.run = apply();
    done.after = contents();
    target().run(world_.edit_target_sql());
    undo(done);
  }

 private:
  /// A run and what the target held around it.
  struct Done {
    std::string run;
    Contents before, after;
  };

  /// A run over whatever others made of the target.
  Done follow() {
    std::filesystem::copy_file(file("target.db"), file("oracle.db"),
                               std::filesystem::copy_options::overwrite_existing);
    oracle().run(world_.oracle_preparation());
    Done done;
    done.before = contents();
    done.run = apply();
    done.after = contents();
    return done;
  }

  void undo(const Done& done) const {
    std::int64_t conflicts = 0;
    const Contents expected = undone(done.before, done.after, contents(), conflicts);
    const json report = roll_back(done.run, conflicts == 0 ? 0 : 6);
    std::int64_t named = 0;
    for (const json& table : report["tables"]) named += table["conflict_count"].get<std::int64_t>();
    if (named != conflicts) {
      fail("the rollback names " + std::to_string(named) + " conflicts of " +
           std::to_string(conflicts));
    }
    const Contents now = contents();
    for (const auto& [table, rows] : expected) {
      if (!now.contains(table) && !rows.empty()) fail("table " + table + " is gone with its rows");
      if (!now.contains(table)) continue;
      same_table(table, rows, now.at(table));
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("seed " + std::to_string(seed_) + ": " + what + "\n" + world_.plan());
  }

  PlainDatabase source() const { return PlainDatabase(file("source.db")); }
  PlainDatabase target() const { return PlainDatabase(file("target.db")); }
  PlainDatabase oracle() const { return PlainDatabase(file("oracle.db")); }
  std::string file(const std::string& name) const { return process_.path(name); }

  Contents contents() const {
    if (!std::filesystem::exists(file("target.db"))) return {};
    return target().contents(world_.keys());
  }

  void same(const Contents& expected, const std::string& when) const {
    const std::string text = difference(expected, contents());
    if (!text.empty()) fail(when + ": " + text);
  }

  void same_table(const std::string& name, const TableContents& expected,
                  const TableContents& found) const {
    const std::string text = difference({{name, expected}}, {{name, found}});
    if (!text.empty()) fail("after a rollback with conflicts: " + text);
  }

  json engine(std::vector<std::string> arguments, int code) const {
    arguments.insert(arguments.end(), {"-o", "json"});
    const Ended ended = process_.run(arguments);
    if (ended.code != code) {
      fail("exit " + std::to_string(ended.code) + " instead of " + std::to_string(code) + " of " +
           arguments[0] + "\n" + ended.err + ended.out);
    }
    return json::parse(ended.out.substr(0, ended.out.rfind('}') + 1));
  }

  void dry_run() const {
    const bool there = std::filesystem::exists(file("target.db"));
    const std::string before = process_.read("target.db");
    engine({"run", "plan.yaml"}, 0);
    if (process_.read("target.db") != before) fail("a dry run wrote to the target");
    if (std::filesystem::exists(file("target.db")) != there) fail("a dry run made the target");
  }

  std::string apply() {
    const Contents before = oracle_contents();
    const PlainDatabase database = oracle();
    database.run("ATTACH '" + file("source.db") + "' AS source");
    database.run(world_.oracle_sql());
    const json report = engine({"run", "plan.yaml", "--apply", "--yes"}, 0);
    times_.tell(target(), database);
    const Contents after = oracle_contents();
    hold_to_oracle(after);
    const std::int64_t wanted = changed_rows(before, after);
    if (written_rows(report) != wanted) {
      fail(std::to_string(written_rows(report)) + " rows written instead of " +
           std::to_string(wanted));
    }
    return report["run_id"];
  }

  void again() const {
    if (world_.appends()) return;
    const Contents before = contents();
    const json report = engine({"run", "plan.yaml", "--apply", "--yes"}, 0);
    if (written_rows(report) != 0) fail("the second run of the same plan wrote rows");
    same(before, "after the second run of the same plan");
  }

  json roll_back(const std::string& run, int code) const {
    return engine({"rollback", run, "--yes"}, code);
  }

  Contents oracle_contents() const {
    Contents out = oracle().contents(world_.keys());
    out.erase("");
    return out;
  }

  void hold_to_oracle(const Contents& oracle) const {
    Contents found = contents();
    found.erase("");
    const std::string text = difference(oracle, found);
    if (!text.empty()) fail("after the apply, against plain SQL: " + text);
  }

  /// What a rollback leaves: rows as the run left them go back, others stay as they are now.
  Contents undone(const Contents& before, const Contents& after, const Contents& edited,
                  std::int64_t& conflicts) const {
    Contents out;
    for (const auto& [table, rows] : after) {
      if (table.empty()) continue;
      static const TableContents kNone;
      const auto was = before.find(table);
      out[table] = undone_table(was == before.end() ? kNone : was->second, rows, edited.at(table),
                                conflicts);
    }
    return out;
  }

  static TableContents undone_table(const TableContents& before, const TableContents& after,
                                    const TableContents& edited, std::int64_t& conflicts) {
    TableContents out = edited;
    for (const auto& [key, row] : after) {
      const auto was = before.find(key);
      if (was != before.end() && was->second == row) continue;
      const auto now = edited.find(key);
      const bool as_left = now != edited.end() && now->second == row;
      const bool as_before = was == before.end()
                                 ? now == edited.end()
                                 : now != edited.end() && now->second == was->second;
      if (as_left && was == before.end()) out.erase(key);
      if (as_left && was != before.end()) out[key] = was->second;
      conflicts += !as_left && !as_before;
    }
    for (const auto& [key, row] : before) {
      if (after.contains(key)) continue;
      const auto [now, gone] = out.emplace(key, row);
      conflicts += !gone && now->second != row;
    }
    return out;
  }

  std::uint64_t seed_;
  EngineProcess process_;
  RandomWorld world_;
  DeletionTimes times_;
};

/// The same few worlds each time, before those that nobody has seen.
TEST(RunProperty, known_worlds) {
  for (const std::uint64_t seed : {1U, 31U, 44U, 46U, 55U, 59U}) {
    EXPECT_NO_THROW(Story(seed).there_and_back());
    EXPECT_NO_THROW(Story(seed).others_are_spared());
  }
}

TEST(RunProperty, there_and_back) {
  EXPECT_TRUE(rc::check("a run does what plain SQL does, and its undoing all the way back",
                        [] { Story(any_seed()).there_and_back(); }));
}

/// ENGINE_PROPERTY_SCHEDULES says how many.
TEST(RunProperty, schedules) {
  const char* const given = std::getenv("ENGINE_PROPERTY_SCHEDULES");
  const int wanted = given == nullptr ? 30 : std::atoi(given);
  int played = 0;
  int runs = 0;
  for (std::uint64_t seed = 1; played < wanted; ++seed) {
    Story story(seed);
    if (!story.has_schedules()) continue;
    ASSERT_NO_THROW(runs += story.schedule());
    ++played;
  }
  std::cout << played << " schedules with " << runs << " runs and rollbacks, 0 divergences\n";
}

TEST(RunProperty, others_are_spared) {
  EXPECT_TRUE(rc::check("an undoing leaves the rows of others alone, and names them",
                        [] { Story(any_seed()).others_are_spared(); }));
}

}  // namespace
}  // namespace engine::testing
