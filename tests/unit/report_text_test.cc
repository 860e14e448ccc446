#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/run_text.h"
#include "report/text_grid.h"
#include "unit/report_sample.h"

namespace engine::report {
namespace {

using testing::blocked_dry_run;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::unchanged_table;

constexpr const char* kBlocked =
    R"(Plan 7f3a91c2   crm-promotion @ production   sqlite data/staging.db -> sqlite out/app.db   READ ONLY, nothing was written
lvl table        read  insert  update  delete     same  reject  checks        undo
 1  contacts   120345     412      87       0   119846       0  9 ok          300.0 kB
 2  requests  1204991    9310    1204       0  1194471       6  11 ok 1 FAIL  4.1 MB
FAIL   requests.relationships(agentContactId -> contacts): 6 rows have no parent       plans/crm.yaml:58:9
         id=17: agentContactId=99
         id=18: agentContactId=***
FRESH  contacts 3h02 ok · requests 31h FAIL (error_after 24h)                          plans/crm.yaml:46:7
GUARD  update 0.10 % of 5 % ok
REFS   requests.agentContactId 9304/9310
TIME   about 2m45 (last run); 3.2s for this dry run
NOT PROVEN  triggers in the target; 1 check needs the merge itself
VERDICT blocked by 1 check and 1 freshness limit (exit 3)
)";

TEST(RunText, IsTheTextOfTheDocumentation) {
  EXPECT_EQ(run_text(blocked_dry_run()), kBlocked);
}

TEST(RunText, UnchangedTablesFoldToOneLine) {
  auto outcome = blocked_dry_run();
  for (int i = 0; i < 12; ++i) outcome.tables.push_back(unchanged_table("t" + std::to_string(i)));
  const auto text = run_text(outcome);
  EXPECT_THAT(text, HasSubstr("\n     12 tables unchanged: t0, t1, t2, t3, t4, t5, t6, t7 and 4 "
                              "more (120 rows read, 24 checks ok)\n"));
  EXPECT_THAT(text, Not(HasSubstr(" 1  t0")));
}

TEST(RunText, ATableThatIsNotQuiteUnchangedKeepsItsLine) {
  run::Outcome outcome = blocked_dry_run();
  outcome.tables = {unchanged_table("a"), unchanged_table("b"), unchanged_table("c"),
                    unchanged_table("d"), unchanged_table("e")};
  outcome.tables[0].would_create = true;
  outcome.tables[1].books.rejected = 1;
  outcome.tables[2].checks[0].status = stages::Status::kWarn;
  const auto text = run_text(outcome);
  EXPECT_THAT(text, HasSubstr("\n 1  a "));
  EXPECT_THAT(text, HasSubstr("\n 1  b "));
  EXPECT_THAT(text, HasSubstr("\n 1  c "));
  EXPECT_THAT(text, HasSubstr("2 tables unchanged: d, e (20 rows read, 4 checks ok)"));
  EXPECT_THAT(text, HasSubstr("NEW    to be created: a\n"));
  EXPECT_THAT(text, HasSubstr("WARN   c.not_null(c0): "));
}

TEST(RunText, WhatNobodyLookedAtIsNoZero) {
  auto outcome = blocked_dry_run();
  outcome.tables[0].state = run::TableState::kSkipped;
  outcome.tables[0].books = {};
  outcome.tables[1].state = run::TableState::kFailed;
  outcome.tables[1].books = {};
  outcome.tables[1].books.read = 500;
  outcome.tables[1].errors = {"the key is NULL"};
  const auto text = run_text(outcome);
  EXPECT_THAT(text, HasSubstr(" 1  contacts     -       -       -       -     -       -  9 ok"));
  EXPECT_THAT(text, HasSubstr(" 2  requests   500       -       -       -     -       0  11 ok"));
  EXPECT_THAT(text, HasSubstr("ERROR  requests: the key is NULL\n"));
}

TEST(RunText, BooksThatDoNotCloseAreNamed) {
  auto outcome = blocked_dry_run();
  outcome.tables[0].books.same -= 2;
  EXPECT_THAT(run_text(outcome),
              HasSubstr("BOOKS  contacts: read 120345 rows, accounted for 120343\n"));
}

TEST(RunText, ManyEntriesOfALimitNameOnlyWhatStandsOut) {
  auto outcome = blocked_dry_run();
  for (int i = 0; i < 10; ++i) {
    auto table = unchanged_table("t" + std::to_string(i));
    table.freshness = outcome.tables[0].freshness;
    outcome.tables.push_back(table);
  }
  EXPECT_THAT(run_text(outcome), HasSubstr("FRESH  requests 31h FAIL (error_after 24h) · 11 ok"));
}

TEST(RunText, ColourOnlyAddsToTheWords) {
  const auto text = run_text(blocked_dry_run(), {.colour = true});
  EXPECT_THAT(text, HasSubstr("\n\x1b[31mFAIL\x1b[0m   requests.relationships"));
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = text.find('m', i);
    } else {
      plain += text[i];
    }
  }
  EXPECT_EQ(plain, kBlocked);
}

TEST(ChecksText, HasALineACheckWithItsCounts) {
  auto outcome = blocked_dry_run();
  outcome.command = "check";
  const auto text = checks_text(outcome);
  EXPECT_THAT(text, HasSubstr("ok      contacts.not_null(c0)                                 10 "
                              "      0  error\n"));
  EXPECT_THAT(text, HasSubstr("FAIL    requests.relationships(agentContactId -> contacts)  9310 "
                              "      6  error\n"));
}

TEST(SummaryLine, SaysWhatStandsAndHowToUndoIt) {
  auto outcome = blocked_dry_run();
  EXPECT_EQ(summary_line(outcome), "DRY RUN: nothing was written");
  outcome.dry_run = false;
  EXPECT_EQ(summary_line(outcome), "NOT APPLIED: nothing was written");
  outcome.applied = true;
  outcome.tables[0].state = run::TableState::kPublished;
  EXPECT_EQ(summary_line(outcome),
            "APPLIED IN PART: 412 inserted, 87 updated, 0 deleted, 0 tables created; undo with: "
            "engine rollback 20261121-160722-7f3a91c2");
  outcome.exit_code = 0;
  EXPECT_THAT(summary_line(outcome), ::testing::StartsWith("APPLIED: 412 inserted"));
  outcome.tables[0].books.inserted = outcome.tables[0].books.updated = 0;
  EXPECT_EQ(summary_line(outcome), "APPLIED: nothing had to change");
  outcome.rolled_back = true;
  EXPECT_THAT(summary_line(outcome), HasSubstr("ROLLED BACK"));
}

TEST(RollbackText, NamesConflictsByKey) {
  connect::UndoReport report;
  connect::UndoTable table;
  table.step = "contacts";
  table.removed = 412;
  table.restored = 86;
  table.conflicts = {"id=5"};
  table.conflict_count = 2;
  table.verified = true;
  report.tables = {table};
  EXPECT_EQ(rollback_text(report, "20261121-160722-7f3a91c2", "sqlite out/app.db", false),
            "Rollback of 20261121-160722-7f3a91c2   sqlite out/app.db   APPLIED\n"
            "table     removed  restored  reinserted  conflicts\n"
            "contacts      412        86           0          2  verified\n"
            "CONFLICT contacts id=5: changed since by someone else\n"
            "CONFLICT contacts: 1 more rows\n"
            "ROLLED BACK: 412 removed, 86 restored, 0 reinserted, 2 conflicts; run "
            "20261121-160722-7f3a91c2\n");
}

TEST(TextGrid, CountsCharactersNotBytes) {
  TextGrid grid({{"a"}, {"b", TextGrid::Align::kRight}});
  grid.add({"äö", "1"});
  grid.add({"xyz", "22"});
  EXPECT_EQ(grid.lines(), (std::vector<std::string>{"a     b", "äö    1", "xyz  22"}));
}

}  // namespace
}  // namespace engine::report
