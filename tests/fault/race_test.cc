#include <gtest/gtest.h>

#include <algorithm>

#include "process/support/contents.h"
#include "process/support/engine_process.h"

/// Engines that start at once for one target: one at a time publishes, the others say who has it.
namespace engine::testing {
namespace {

constexpr int kRounds = 6;
constexpr int kEngines = 2;

const std::map<std::string, std::vector<std::string>> kKeys = {{"items", {"id"}}};

std::string racing_plan() {
  return "version: 1\n"
         "name: race\n"
         "connections: {from: {type: sqlite, path: source.db}, into: {type: sqlite, path: "
         "target.db}}\n"
         "defaults: {source: from, target: into}\n"
         "tables: {items: {key: id}}\n";
}

std::vector<int> race(const EngineProcess& process) {
  std::vector<pid_t> engines;
  for (int i = 0; i < kEngines; ++i) {
    const std::string name = "engine" + std::to_string(i);
    engines.push_back(
        process.start({"run", "plan.yaml", "--apply", "--yes", "--state", name + ".state"}, name));
  }
  std::vector<int> codes;
  for (int i = 0; i < kEngines; ++i) {
    const Ended ended =
        process.wait(engines[static_cast<std::size_t>(i)], "engine" + std::to_string(i));
    EXPECT_TRUE(ended.code == 0 || ended.code == 7) << ended.code << "\n" << ended.err;
    EXPECT_TRUE(ended.code == 0 || ended.err.find("E501") != std::string::npos) << ended.err;
    codes.push_back(ended.code);
  }
  return codes;
}

TEST(Race, OneAtATimePublishes) {
  const EngineProcess process;
  const PlainDatabase source(process.path("source.db"));
  const std::string table = "CREATE TABLE items (id INTEGER PRIMARY KEY, v TEXT)";
  source.run(table);
  PlainDatabase(process.path("target.db")).run(table);
  process.write("plan.yaml", racing_plan());
  for (int round = 0; round < kRounds && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    source.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT OR REPLACE INTO items SELECT i * 2 + " +
        std::to_string(round) + ", 'round " + std::to_string(round) + "' FROM n");
    const std::vector<int> codes = race(process);
    EXPECT_NE(std::count(codes.begin(), codes.end(), 0), 0) << "nobody published";
    EXPECT_EQ(difference(source.contents(kKeys),
                         PlainDatabase(process.path("target.db")).contents(kKeys)),
              "");
  }
}

}  // namespace
}  // namespace engine::testing
