#include "report/observers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "unit/report_sample.h"
#include "unit/support/json_schema.h"
#include "unit/support/temporary_folder.h"

namespace engine::report {
namespace {

using testing::blocked_dry_run;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class HandClock : public base::Clock {
 public:
  std::int64_t now_us() const override { return us; }
  std::int64_t us = 1795277242000000;
};

run::StageEvent event(const std::string& table, const std::string& stage, std::int64_t rows,
                      std::int64_t total = -1, double seconds = 0) {
  return {table, stage, rows, total, seconds, false, {}};
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  auto lines = base::split(base::read_file(path), '\n');
  lines.pop_back();
  return lines;
}

class Logs : public ::testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "log"; }
  void tell(run::Observer& observer) {
    const auto outcome = blocked_dry_run();
    observer.run_started(outcome);
    observer.started(event("contacts", "extract", 0));
    observer.progressed(event("contacts", "extract", 10, 100, 0.1));
    clock_.us += 100000;
    observer.progressed(event("contacts", "extract", 20, 100, 0.2));
    clock_.us += 1000000;
    observer.progressed(event("contacts", "extract", 30, 100, 1.2));
    observer.finished(event("contacts", "extract", 100, 100, 1.5));
    observer.message("warn", "two\nlines \xff");
    observer.run_finished(outcome);
  }
  unsigned mode() const {
    struct ::stat facts = {};
    EXPECT_EQ(::stat(path().c_str(), &facts), 0);
    return facts.st_mode & 0777U;
  }
  testing::TemporaryFolder folder_;
  HandClock clock_;
};

TEST_F(Logs, EventsAreLinesThatConformToTheirSchema) {
  tell(*make_event_log(path(), clock_));
  std::vector<std::string> names;
  for (const auto& line : lines_of(path())) {
    EXPECT_THAT(testing::schema_complaints(line, events_schema_json()), IsEmpty()) << line;
    names.push_back(nlohmann::json::parse(line)["event"]);
  }
  EXPECT_THAT(names, ElementsAre("run_started", "stage_started", "stage_progressed",
                                 "stage_progressed", "stage_finished", "message", "run_finished"));
  EXPECT_EQ(mode(), 0600U);
}

TEST_F(Logs, EventsCanBeFollowedWhileTheRunGoesOn) {
  const auto log = make_event_log(path(), clock_);
  log->run_started(blocked_dry_run());
  EXPECT_EQ(lines_of(path()).size(), 1U);
  log->started(event("", "publish", 0));
  const auto line = nlohmann::json::parse(lines_of(path()).at(1));
  EXPECT_EQ(line["stage"], "publish");
  EXPECT_EQ(line["run_id"], "20261121-160722-7f3a91c2");
  EXPECT_FALSE(line.contains("table"));
  EXPECT_FALSE(line.contains("total"));
}

TEST_F(Logs, TheTextLogHasALineAnEntry) {
  tell(*make_text_log(path(), clock_));
  EXPECT_THAT(lines_of(path()),
              ElementsAre("2026-11-21T16:07:22.000Z info  run 20261121-160722-7f3a91c2: plan of "
                          "plan crm-promotion (plans/crm.yaml), sqlite data/staging.db -> sqlite "
                          "out/app.db, engine 0.1.0",
                          "2026-11-21T16:07:22.000Z info  dry run, decided by default",
                          "2026-11-21T16:07:22.000Z info  contacts extract: started",
                          "2026-11-21T16:07:23.100Z info  contacts extract: done after 1.500 s, "
                          "100 rows",
                          HasSubstr("two lines "),
                          "2026-11-21T16:07:23.100Z info  blocked by 1 check and 1 freshness limit "
                          "(exit 3); exit 3"));
  EXPECT_EQ(mode(), 0600U);
}

TEST_F(Logs, TheTextLogCanBeJsonAndQuiet) {
  tell(*make_text_log(path(), clock_, {.level = "warn", .json = true}));
  const auto lines = lines_of(path());
  ASSERT_EQ(lines.size(), 1U);
  const auto line = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(line["level"], "warn");
  EXPECT_EQ(line["text"], "two\nlines \xef\xbf\xbd");
}

class Progress : public ::testing::Test {
 protected:
  std::unique_ptr<run::Observer> make(bool bars, std::size_t columns = 80) {
    return make_progress([this](std::string_view text) { printed_ += text; },
                         {.bars = bars, .columns = columns, .seconds = [this] { return now_; }});
  }
  std::string take() { return std::exchange(printed_, {}); }
  double now_ = 100;
  std::string printed_;
};

TEST_F(Progress, PlainLinesTellOfTablesAndEveryHalfMinute) {
  const auto progress = make(false);
  progress->started(event("contacts", "extract", 0));
  progress->progressed(event("contacts", "extract", 1000, 4000, 10));
  EXPECT_EQ(take(), "");
  now_ += 30;
  progress->progressed(event("contacts", "extract", 3000, 4000, 30));
  EXPECT_EQ(take(), "contacts: extract  3000 rows  100 rows/s  75 %  10.0s left\n");
  progress->finished(event("contacts", "extract", 4000, 4000, 31));
  EXPECT_EQ(take(), "");
  progress->finished(event("contacts", "check", 4000, 4000, 3.2));
  EXPECT_EQ(take(), "contacts: check done  4000 rows  3.2s\n");
  auto failed = event("", "publish", 0, -1, 1);
  failed.failed = true;
  failed.detail = "disk full";
  progress->finished(failed);
  EXPECT_EQ(take(), "all tables: publish FAILED  1.0s  disk full\n");
  progress->message("info", "hidden");
  progress->message("warn", "shown");
  EXPECT_EQ(take(), "warn: shown\n");
}

TEST_F(Progress, BarsAreDrawnOverAndGoAway) {
  const auto progress = make(true, 120);
  progress->started(event("contacts", "extract", 0, 4000));
  EXPECT_EQ(take(), "contacts  extract    [--------------------]  0 rows\n");
  progress->progressed(event("contacts", "extract", 1000, 4000, 0.01));
  EXPECT_EQ(take(), "");
  now_ += 10;
  progress->progressed(event("contacts", "extract", 2000, 4000, 10));
  EXPECT_EQ(
      take(),
      "\x1b[1A\x1b[Jcontacts  extract    [##########----------]  2000 rows  200 rows/s  50 %  "
      "10.0s left\n");
  progress->run_finished(blocked_dry_run());
  EXPECT_EQ(take(), "\x1b[1A\x1b[J");
}

TEST_F(Progress, BarsAreFewAndNeverWrap) {
  const auto progress = make(true, 30);
  for (int i = 0; i < 11; ++i) {
    now_ += 1;
    progress->started(event("table_ä" + std::to_string(i), "extract", 0, 10));
  }
  const auto lines = base::split(printed_.substr(printed_.rfind("\x1b[J") + 3), '\n');
  EXPECT_EQ(lines.size(), 10U);  // eight bars, a line for the rest, and what follows the last one
  EXPECT_EQ(lines[8], "and 3 more");
  for (const auto& line : lines) EXPECT_LE(line.size(), 30U);
}

}  // namespace
}  // namespace engine::report
