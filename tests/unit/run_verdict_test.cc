#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "base/clock.h"
#include "run/failures.h"
#include "run/judging.h"
#include "unit/support/temporary_folder.h"

/// What a run ends with: its verdict and the one exit code, whatever came together.
namespace engine::run {
namespace {

using base::Error;
using base::Fault;
using stages::Status;

TableOutcome table_with(const std::vector<Status>& checks) {
  TableOutcome table;
  table.name = "t";
  for (const Status status : checks) table.checks.emplace_back().status = status;
  return table;
}

/// A job without tables, whose end is judged.
class Ending {
 public:
  int exit_code() {
    Failures failures(outcome);
    for (const Error& error : errors) failures.add(error);
    const compile::Bound bound;
    Session session(plan_, connectors_, connect::OpenMode::kRead);
    base::MemoryBudget memory(1 << 20);
    const auto folder = state::RunFolder::create(folder_.path(), "r");
    const auto journal = state::Journal::open(folder_.path());
    Observers observers;
    Leases leases;
    Job job({plan_,
             bound,
             session,
             {},
             {},
             memory,
             folder,
             *journal,
             observers,
             stop,
             base::system_clock(),
             outcome,
             leases,
             {}});
    conclude(job, failures);
    return outcome.exit_code;
  }

  Outcome outcome;
  Stop stop;
  std::vector<Error> errors;

 private:
  testing::TemporaryFolder folder_;
  plan::Plan plan_;
  Connectors connectors_;
};

const Error kTransient(Fault::kTransient, "E206", "busy");
const Error kState(Fault::kState, "E503", "broken");
const Error kData(Fault::kData, "E407", "a value would change");

TEST(Verdict, NothingWrongIsZero) {
  Ending dry;
  EXPECT_EQ(dry.exit_code(), 0);
  EXPECT_EQ(dry.outcome.verdict, "ready to apply");
  Ending applied;
  applied.outcome.dry_run = false;
  applied.outcome.command = "run";
  EXPECT_EQ(applied.exit_code(), 0);
  EXPECT_EQ(applied.outcome.verdict, "applied");
}

TEST(Verdict, ABlockIsThreeAndNamesItsReasons) {
  Ending ending;
  ending.outcome.tables.push_back(table_with({Status::kPass, Status::kFail, Status::kError}));
  ending.outcome.tables.push_back(table_with({Status::kFail}));
  ending.outcome.tables[1].guards.emplace_back().status = Status::kFail;
  ending.outcome.tables[1].freshness.emplace().status = Status::kError;
  EXPECT_EQ(ending.exit_code(), 3);
  EXPECT_EQ(ending.outcome.verdict,
            "blocked by 3 checks and 1 freshness limit and 1 guard (exit 3)");
}

TEST(Verdict, AnErrorOfACheckIsNeverAPass) {
  for (const Status status : {Status::kFail, Status::kError}) {
    EXPECT_FALSE(blocking_reasons(table_with({status})).empty());
  }
  for (const Status status : {Status::kPass, Status::kWarn, Status::kSkipped}) {
    EXPECT_TRUE(blocking_reasons(table_with({status})).empty());
  }
}

TEST(Verdict, TheFirstErrorGivesTheCode) {
  Ending ending;
  ending.errors = {kTransient, kState};
  EXPECT_EQ(ending.exit_code(), 5);
  EXPECT_EQ(ending.outcome.verdict, "stopped by 2 errors (exit 5)");
}

TEST(Verdict, AnErrorOutweighsABlockAndASignalOutweighsAll) {
  Ending ending;
  ending.outcome.tables.push_back(table_with({Status::kFail}));
  ending.errors = {kState};
  EXPECT_EQ(ending.exit_code(), 6);
  Ending stopped;
  stopped.outcome.tables.push_back(table_with({Status::kFail}));
  stopped.errors = {kState};
  stopped.stop.ask(SIGTERM);
  EXPECT_EQ(stopped.exit_code(), 143);
}

TEST(Verdict, ABlockAndItsDataErrorAreOneThree) {
  Ending ending;
  ending.outcome.tables.push_back(table_with({Status::kFail}));
  ending.errors = {kData};
  EXPECT_EQ(ending.exit_code(), 3);
}

TEST(Verdict, BooksCloseOnlyWhenEveryRowIsAccountedFor) {
  Books books;
  EXPECT_TRUE(books.close());
  books.read = 36;
  books.inserted = 1;
  books.updated = 2;
  books.same = 3;
  books.rejected = 4;
  books.filtered = 5;
  books.deduped = 6;
  books.kept = 7;
  books.deleted = 8;
  EXPECT_TRUE(books.close());
  ++books.read;
  EXPECT_FALSE(books.close());
  ++books.absent;
  EXPECT_TRUE(books.close());
}

TEST(Guarded, TurnsWhatIsThrownIntoAnEntry) {
  Outcome outcome;
  Failures failures(outcome);
  EXPECT_TRUE(guarded(failures, "", [] {}));
  EXPECT_FALSE(failures.any());
  EXPECT_FALSE(guarded(failures, "", [] { throw Blocked("its checks say why"); }));
  EXPECT_FALSE(failures.any());
  EXPECT_FALSE(guarded(failures, "table t", [] { throw Error(kTransient); }));
  EXPECT_FALSE(guarded(failures, "", [] { throw std::runtime_error("not foreseen"); }));
  ASSERT_EQ(outcome.errors.size(), 2U);
  EXPECT_THAT(outcome.errors[0].context, ::testing::ElementsAre("table t"));
  EXPECT_EQ(outcome.errors[1].code, "E900");
  EXPECT_EQ(failures.first(), Fault::kTransient);
}

}  // namespace
}  // namespace engine::run
