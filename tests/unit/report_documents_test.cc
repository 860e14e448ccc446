#include "report/documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.h"
#include "report/artifacts.h"
#include "unit/report_sample.h"
#include "unit/support/temporary_folder.h"

namespace engine::report {
namespace {

using testing::blocked_dry_run;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Markdown, ShowsCountsFailuresAndBooks) {
  const auto text = report_markdown(blocked_dry_run());
  EXPECT_THAT(text, HasSubstr("# crm-promotion @ production: blocked by 1 check"));
  EXPECT_THAT(text, HasSubstr("| 2 | requests | staged | 1204991 | 9310 | 1204 | 0 | 1194471 | 6 | "
                              "11 ok 1 FAIL | 4.1 MB |"));
  EXPECT_THAT(text, HasSubstr("- **FAIL** requests.relationships(agentContactId -> contacts): 6 "
                              "rows have no parent (plans/crm.yaml:58:9)"));
  EXPECT_THAT(text, HasSubstr("- contacts: 120345 read = 412 inserted + 87 updated + 119846 same"));
  EXPECT_THAT(text, HasSubstr("- references requests.agentContactId: 9304 of 9310 resolved"));
}

TEST(Markdown, NoValueBreaksATable) {
  auto outcome = blocked_dry_run();
  outcome.tables[0].name = "a|b\n<script>`";
  EXPECT_THAT(report_markdown(outcome), HasSubstr("| a\\|b &lt;script>\\` |"));
}

TEST(Html, StandsAloneAndHidesNothing) {
  const auto text = report_html(blocked_dry_run());
  EXPECT_THAT(text, HasSubstr("<!doctype html>"));
  EXPECT_THAT(text, HasSubstr("<td class=n>1204991</td>"));
  EXPECT_THAT(text, HasSubstr("<span class=FAIL>FAIL</span>"));
  EXPECT_THAT(text, HasSubstr("agentContactId=***"));
  EXPECT_THAT(text, HasSubstr("triggers in the target"));
  EXPECT_THAT(text, Not(HasSubstr("http://")));
  EXPECT_THAT(text, Not(HasSubstr("https://")));
  EXPECT_THAT(text, Not(HasSubstr("<script")));
}

TEST(Html, EscapesEveryValue) {
  auto outcome = blocked_dry_run();
  const std::string evil = "<img src=x onerror=\"a\">&";
  outcome.plan_name = outcome.verdict = outcome.tables[0].name = evil;
  outcome.tables[1].checks.back().samples[0] = {evil, evil};
  outcome.tables[1].errors = outcome.tables[1].notes = outcome.not_proven = {evil};
  outcome.errors = {{evil, evil, evil, evil, {evil}}};
  const auto text = report_html(outcome);
  EXPECT_THAT(text, Not(HasSubstr("<img")));
  EXPECT_THAT(text, HasSubstr("&lt;img src=x onerror=&quot;a&quot;&gt;&amp;"));
}

TEST(Html, ATableThatWasNotComparedHasNoBooks) {
  auto outcome = blocked_dry_run();
  outcome.tables[0].state = run::TableState::kSkipped;
  outcome.tables[1].books.same -= 1;
  const auto text = report_html(outcome);
  EXPECT_THAT(text, HasSubstr("<td>skipped</td><td class=n>–</td>"));
  EXPECT_THAT(text, HasSubstr("read 1204991 rows, accounted for 1204990"));
}

TEST(Errors, AreEmptyWhenNothingWentWrong) {
  auto outcome = blocked_dry_run();
  outcome.tables.pop_back();
  EXPECT_THAT(errors_text(outcome), IsEmpty());
}

TEST(Errors, NameCodePlaceAndCure) {
  auto outcome = blocked_dry_run();
  outcome.errors = {{"E501", "locked", "held by run x", "wait", {"table contacts"}}};
  outcome.tables[0].errors = {"E401: 2 rows have a NULL key"};
  EXPECT_EQ(errors_text(outcome),
            "error[E501]: held by run x\n"
            "   = in: table contacts\n"
            "   = help: wait\n"
            "contacts: E401: 2 rows have a NULL key\n"
            "FAIL requests.relationships(agentContactId -> contacts): 6 rows have no parent\n"
            "  id=17: agentContactId=99\n"
            "  id=18: agentContactId=***\n");
}

TEST(Artifacts, AreWrittenPrivately) {
  const testing::TemporaryFolder folder;
  const auto outcome = blocked_dry_run();
  const auto run = state::RunFolder::create(folder.path() / ".engine", outcome.run_id);
  write_artifacts(outcome, run);
  for (const auto* name :
       {"report.json", "report.md", "report.html", "change.json", "errors.txt"}) {
    struct ::stat facts = {};
    ASSERT_EQ(::stat(run.file(name).c_str(), &facts), 0) << name;
    EXPECT_EQ(facts.st_mode & 0777U, 0600U) << name;
    EXPECT_GT(facts.st_size, 0) << name;
  }
}

}  // namespace
}  // namespace engine::report
