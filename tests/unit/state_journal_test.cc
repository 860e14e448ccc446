#include "state/journal.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <thread>

#include "base/error.h"
#include "unit/support/temporary_folder.h"

namespace engine::state {
namespace {

RunRecord run_of(const std::string& id, std::int64_t started_us, bool applied = true) {
  RunRecord run;
  run.run_id = id;
  run.plan_file = "plans/crm.yaml";
  run.plan_name = "crm";
  run.plan_sha256 = "00ff";
  run.profile = "test";
  run.mode = "run";
  run.applied = applied;
  run.started_us = started_us;
  run.owner = "host=a pid=1";
  run.folder = "/x/" + id;
  return run;
}

StageRecord stage_of(const std::string& id, const std::string& table, const std::string& stage,
                     std::int64_t rows, std::int64_t us) {
  StageRecord record;
  record.run_id = id;
  record.table = table;
  record.stage = stage;
  record.status = "done";
  record.rows_done = rows;
  record.started_us = 100;
  record.ended_us = 100 + us;
  return record;
}

std::string code_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const base::Error& error) {
    return error.code();
  }
  return "none";
}

class Journals : public ::testing::Test {
 protected:
  void execute(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((folder_.path() / "journal.db").c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
  testing::TemporaryFolder folder_;
};

TEST_F(Journals, RemembersARunFromItsBeginningToItsEnd) {
  Journal::open(folder_.path())->begin_run(run_of("r1", 10));
  auto journal = Journal::open(folder_.path());
  auto run = journal->run("r1");
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->status, "running");
  EXPECT_FALSE(run->ended_us.has_value());
  EXPECT_FALSE(run->exit_code.has_value());
  journal->end_run("r1", "done", 0, 30);
  run = Journal::open_to_read(folder_.path())->run("r1");
  EXPECT_EQ(run->status, "done");
  EXPECT_EQ(run->ended_us, 30);
  EXPECT_EQ(run->exit_code, 0);
  EXPECT_EQ(run->plan_file, "plans/crm.yaml");
  EXPECT_EQ(run->plan_name, "crm");
  EXPECT_EQ(run->plan_sha256, "00ff");
  EXPECT_EQ(run->profile, "test");
  EXPECT_EQ(run->mode, "run");
  EXPECT_TRUE(run->applied);
  EXPECT_FALSE(run->partial);
  EXPECT_EQ(run->owner, "host=a pid=1");
  EXPECT_EQ(run->folder, "/x/r1");
  EXPECT_FALSE(journal->run("r2").has_value());
}

TEST_F(Journals, ListsRunsNewestFirst) {
  auto journal = Journal::open(folder_.path());
  journal->begin_run(run_of("a", 10));
  journal->begin_run(run_of("b", 30));
  journal->begin_run(run_of("c", 20));
  const auto runs = journal->runs(2);
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].run_id, "b");
  EXPECT_EQ(runs[1].run_id, "c");
}

TEST_F(Journals, AStageIsEnteredOnceAndChanges) {
  auto journal = Journal::open(folder_.path());
  auto stage = stage_of("r", "orders", "extract", 5, 7);
  stage.status = "running";
  stage.rows_total = 50;
  stage.ended_us.reset();
  journal->set_stage(stage);
  journal->set_stage(stage_of("r", "orders", "check", 0, 1));
  stage.status = "failed";
  stage.rows_done = 50;
  stage.detail = "why";
  journal->set_stage(stage);
  const auto stages = journal->stages("r");
  ASSERT_EQ(stages.size(), 2U);
  EXPECT_EQ(stages[0].stage, "extract");
  EXPECT_EQ(stages[0].status, "failed");
  EXPECT_EQ(stages[0].rows_done, 50);
  EXPECT_EQ(stages[0].rows_total, 50);
  EXPECT_EQ(stages[0].detail, "why");
  EXPECT_FALSE(stages[0].ended_us.has_value());
  EXPECT_EQ(stages[1].stage, "check");
}

TEST_F(Journals, AUnitGoesFromIntentToReceipt) {
  auto journal = Journal::open(folder_.path());
  journal->unit_intent("r", "plan", 7, R"({"tables":2})");
  EXPECT_EQ(journal->units("r").at(0).state, "intent");
  EXPECT_EQ(journal->units("r").at(0).epoch, 7U);
  journal->unit_unknown("r", "plan");
  EXPECT_EQ(journal->units("r").at(0).state, "unknown");
  EXPECT_EQ(journal->units("r").at(0).detail, R"({"tables":2})");
  journal->unit_receipt("r", "plan", R"({"rows":3})");
  EXPECT_EQ(journal->units("r").at(0).state, "receipt");
  EXPECT_EQ(journal->units("r").at(0).detail, R"({"rows":3})");
  EXPECT_EQ(code_of([&] { journal->unit_receipt("r", "other", "{}"); }), "E900");
}

TEST_F(Journals, KeepsTheLastPosition) {
  auto journal = Journal::open(folder_.path());
  journal->set_position("r", {.table = "t", .stage = "extract", .position = "a"});
  journal->set_position("r",
                        {.table = "t", .stage = "extract", .position = std::string("b\0c", 3)});
  const auto positions = journal->positions("r");
  ASSERT_EQ(positions.size(), 1U);
  EXPECT_EQ(positions[0].position, std::string("b\0c", 3));
}

TEST_F(Journals, FactsOfTheLastRunAreThoseOfAWholeAppliedOneThatWentWell) {
  auto journal = Journal::open(folder_.path());
  const PlanRef plan{.name = "crm", .profile = "test"};
  EXPECT_FALSE(journal->last_read_rows(plan, "t").has_value());
  const auto enter = [&](RunRecord run, std::int64_t rows, int exit_code) {
    journal->begin_run(run);
    journal->set_stage(stage_of(run.run_id, "t", "extract", rows, 40));
    journal->set_stage(stage_of(run.run_id, "t", "merge", 3, 2));
    journal->end_run(run.run_id, "done", exit_code, run.started_us + 500);
  };
  enter(run_of("good", 10), 1000, 0);
  enter(run_of("failed", 20), 1, 3);
  enter(run_of("dry", 30, false), 2, 0);
  auto partial = run_of("partial", 40);
  partial.partial = true;
  enter(partial, 3, 0);
  auto elsewhere = run_of("elsewhere", 50);
  elsewhere.profile = "production";
  enter(elsewhere, 4, 0);
  EXPECT_EQ(journal->last_read_rows(plan, "t"), 1000);
  EXPECT_FALSE(journal->last_read_rows(plan, "u").has_value());
  EXPECT_EQ(journal->last_run_us(plan, true), 500);
  EXPECT_EQ(journal->last_table_us(plan, true).at("t"), 42);
  EXPECT_EQ(journal->last_table_us(plan, false).size(), 1U);
}

TEST_F(Journals, IsPrivate) {
  Journal::open(folder_.path());
  struct ::stat facts = {};
  ASSERT_EQ(::stat((folder_.path() / "journal.db").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_F(Journals, OneThatIsMissingIsNothingToRead) {
  EXPECT_EQ(Journal::open_to_read(folder_.path()), nullptr);
  EXPECT_EQ(code_of([&] { Journal::open(folder_.path() / "no" / "where"); }), "E505");
}

TEST_F(Journals, RefusesWhatIsNotItsOwn) {
  std::ofstream(folder_.path() / "journal.db") << "this is no database at all, only some text";
  EXPECT_EQ(code_of([&] { Journal::open(folder_.path()); }), "E503");
  EXPECT_EQ(code_of([&] { Journal::open_to_read(folder_.path()); }), "E503");
  std::filesystem::remove(folder_.path() / "journal.db");
  execute("CREATE TABLE theirs(x)");
  EXPECT_EQ(code_of([&] { Journal::open(folder_.path()); }), "E503");
}

TEST_F(Journals, RefusesALaterFormat) {
  Journal::open(folder_.path());
  execute("PRAGMA user_version = 2");
  EXPECT_EQ(code_of([&] { Journal::open(folder_.path()); }), "E504");
}

TEST_F(Journals, ManyMayOpenWriteAndReadAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      auto journal = Journal::open(folder_.path());
      for (int k = 0; k < 10; ++k) {
        const auto id = std::to_string(i) + "." + std::to_string(k);
        journal->begin_run(run_of(id, k));
        journal->set_stage(stage_of(id, "t", "extract", 1, 1));
        journal->end_run(id, "done", 0, k + 1);
        EXPECT_NE(Journal::open_to_read(folder_.path())->run(id), std::nullopt);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Journal::open_to_read(folder_.path())->runs().size(), 80U);
}

TEST_F(Journals, KeepsTheColumnsOfSourcesByPlanAndProfile) {
  const auto journal = Journal::open(folder_.path());
  const PlanRef plan{"crm", "live"};
  EXPECT_TRUE(journal->columns(plan).empty());
  const Journal::Columns first = {{"odd", {"a:b", "", "12"}}, {"people", {"id", "name"}}};
  journal->set_columns(plan, first);
  EXPECT_EQ(journal->columns(plan), first);
  journal->set_columns(plan, {{"people", {"id"}}});
  EXPECT_EQ(journal->columns(plan).at("people"), (std::vector<std::string>{"id"}));
  EXPECT_EQ(journal->columns(plan).at("odd"), first.at("odd"));
  EXPECT_TRUE(journal->columns({"crm", ""}).empty());
}

TEST_F(Journals, GetsTheTableOfColumnsWhenItIsNextOpened) {
  Journal::open(folder_.path());
  execute("DROP TABLE source_columns");
  EXPECT_TRUE(Journal::open(folder_.path())->columns({"crm", ""}).empty());
}

}  // namespace
}  // namespace engine::state
