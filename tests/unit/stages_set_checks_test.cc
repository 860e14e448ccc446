#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/batch.h"
#include "stages/check.h"
#include "state/key_spool.h"
#include "unit/support/check_trial.h"

namespace engine::stages {
namespace {

using test::CheckTrial;
using test::kNull;
using test::list;
using testing::HasSubstr;

std::vector<std::string> sample_keys(const CheckResult& result) {
  std::vector<std::string> keys;
  for (const Sample& sample : result.samples) keys.push_back(sample.key);
  return keys;
}

class UniqueBothWays : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Orders, UniqueBothWays, testing::Bool());

TEST_P(UniqueBothWays, FindsRepeatsWithinAndAcrossBatches) {
  CheckTrial trial("unique", "id int64; v text");
  trial.runtime.key_ordered = GetParam();
  trial.with("columns", "id");
  const CheckResult result = trial.judge(
      {{{kNull, "n"}, {kNull, "n"}, {"1", "a"}, {"2", "b"}, {"2", "c"}}, {{"2", "d"}, {"3", "e"}}});
  EXPECT_EQ(result.status, Status::kFail);
  EXPECT_EQ(result.looked_at, 7);
  EXPECT_EQ(result.failed, 2);
  EXPECT_THAT(sample_keys(result), testing::ElementsAre("id=2", "id=2"));
  EXPECT_EQ(result.scope, plan::CheckScope::kTable) << "the default of unique";
}

TEST_P(UniqueBothWays, PrimaryKeyRefusesNullToo) {
  CheckTrial trial("primary_key", "id int64; v text");
  trial.runtime.key_ordered = GetParam();
  trial.with("columns", "id");
  const CheckResult result = trial.judge({{{kNull, "n"}, {"1", "a"}, {"1", "b"}}});
  EXPECT_EQ(result.failed, 2);
  EXPECT_EQ(result.detail, "2 rows are NULL or repeat others");
  EXPECT_EQ(trial.judge({{{"1", "a"}, {"2", "b"}}}).status, Status::kPass);
}

TEST_P(UniqueBothWays, WhereNarrowsTheRows) {
  CheckTrial trial("unique", "id int64; v text");
  trial.runtime.key_ordered = GetParam();
  trial.with("columns", "id").where("v <> 'x'");
  EXPECT_EQ(trial.judge({{{"1", "a"}, {"1", "x"}, {"2", "b"}}}).failed, 0);
}

TEST(Unique, OtherColumnsThanTheKeyComeInAnyOrder) {
  CheckTrial trial("unique", "id int64; a text; b int64");
  trial.runtime.key_ordered = true;
  trial.with("columns", list({"b", "a"}));
  const CheckResult result =
      trial.judge({{{"1", "x", "5"}, {"2", "y", "4"}, {"3", "x", "5"}, {"4", "x", kNull}}});
  EXPECT_EQ(result.failed, 1);
  EXPECT_EQ(result.samples.at(0).key, "id=3");
  EXPECT_EQ(result.samples.at(0).value, "b=5, a=x");
  EXPECT_EQ(result.label, "unique(b, a)");
}

TEST(Unique, RowsOutOfThePromisedOrderAreAnError) {
  CheckTrial trial("unique", "id int64");
  trial.runtime.key_ordered = true;
  trial.with("columns", "id");
  EXPECT_EQ(trial.judge({{{"2"}, {"1"}}}).status, Status::kError);
}

TEST(Unique, ManyRowsKeepSamplesInTheirOrder) {
  CheckTrial trial("unique", "id int64; v int64");
  trial.with("columns", "v");
  trial.spec.sample = 3;
  std::vector<test::Cells> parts(5);
  for (int id = 0; id < 20000; ++id) {
    parts[static_cast<std::size_t>(id / 4000)].push_back(
        {std::to_string(id), std::to_string(id % 100 == 7 ? 7 : id)});
  }
  const CheckResult result = trial.judge(parts);
  EXPECT_EQ(result.failed, 199);
  EXPECT_THAT(sample_keys(result), testing::ElementsAre("id=107", "id=207", "id=307"));
}

class Relationships : public testing::Test {
 protected:
  Relationships() { use("code text; region int64"); }

  void use(const std::string& parent_columns) {
    parent_ = test::schema(parent_columns);
    trial.info.schema_of = [this](const std::string& table) {
      return table == "parents" ? &parent_ : nullptr;
    };
    trial.info.key_of = [](const std::string&) { return std::vector<std::string>{"code"}; };
    trial.with("to", "parents");
  }

  void collect(const std::vector<std::string>& fields, const test::Cells& rows) {
    auto spool = std::make_shared<state::KeySpool>(
        memory_, state::Scratch{.folder = trial.runtime.scratch, .name = "parent"});
    KeyCollector collector(parent_, fields, spool);
    collector.observe(test::batch(parent_, rows));
    spool->finish();
    trial.runtime.parents[parent_keys_name("parents", fields)] = spool;
  }

  base::MemoryBudget memory_{std::uint64_t{16} << 20};
  data::Schema parent_;
  CheckTrial trial{"relationships", "id int64; parent text; area int64"};
};

TEST_F(Relationships, OrphansAreFoundAndNullRefersToNothing) {
  trial.with("columns", "parent");
  collect({"code"}, {{"a", "1"}, {"b", "2"}, {kNull, "3"}});
  const CheckResult result =
      trial.judge({{{"1", "a", "0"}, {"2", "x", "0"}}, {{"3", kNull, "0"}, {"4", "y", "0"}}});
  EXPECT_EQ(result.label, "relationships(parent -> parents)");
  EXPECT_EQ(result.detail, "2 rows have no parent");
  EXPECT_EQ(result.failed, 2);
  EXPECT_THAT(sample_keys(result), testing::ElementsAre("id=2", "id=4"));
  EXPECT_EQ(result.samples.at(0).value, "x");
}

TEST_F(Relationships, SeveralColumnsReferTogether) {
  trial.with("columns", list({"parent", "area"})).with("fields", list({"code", "region"}));
  collect({"code", "region"}, {{"a", "1"}});
  EXPECT_EQ(trial.judge({{{"1", "a", "1"}, {"2", "a", "2"}, {"3", "b", kNull}}}).failed, 1);
}

TEST_F(Relationships, KeysOfOtherTypesAreBroughtTogether) {
  use("code int64");
  trial.with("columns", "parent");
  collect({"code"}, {{"7"}, {"8"}});
  EXPECT_EQ(
      trial.judge({{{"1", "7", "0"}, {"2", "8.0", "0"}, {"3", "seven", "0"}, {"4", "9", "0"}}})
          .failed,
      2);
}

TEST_F(Relationships, WhatCannotBeComparedIsAMistake) {
  use("code bool");
  trial.with("columns", "area");
  EXPECT_EQ(trial.codes(), "E310");
}

TEST_F(Relationships, AnUnknownParentOrFieldIsAMistake) {
  trial.with("columns", "parent").with("fields", list({"nope"}));
  EXPECT_EQ(trial.codes(), "E310");
  CheckTrial other("relationships", "id int64");
  other.with("columns", "id").with("to", "nowhere");
  EXPECT_EQ(other.codes(), "E310");
}

TEST_F(Relationships, ParentsThatWereNotCollectedAreAnError) {
  trial.with("columns", "parent");
  EXPECT_EQ(trial.judge({{{"1", "a", "0"}}}).status, Status::kError);
}

TEST_F(Relationships, AReferenceIsSuchACheckOverTheRowsInFlight) {
  plan::Reference reference;
  reference.columns = {test::located("parent")};
  reference.to = test::located("parents");
  const auto bound = bind_reference(reference, trial.info, trial.diagnostics);
  ASSERT_TRUE(bound) << trial.diagnostics.render_all();
  EXPECT_EQ(bound->label, "relationships(parent -> parents)");
  EXPECT_EQ(bound->scope, plan::CheckScope::kRun);
  EXPECT_EQ(bound->parent_table, "parents");
  EXPECT_THAT(bound->parent_fields, testing::ElementsAre("code"));
  EXPECT_THAT(bound->columns, testing::ElementsAre("parent", "id"));
}

TEST(RowCount, BoundsAndWhatIsCounted) {
  CheckTrial trial("row_count", "id int64");
  trial.with("equals", "10");
  Facts facts;
  facts.image_rows = 10;
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}, facts).status, Status::kPass);
  facts.image_rows = 9;
  const CheckResult result = trial.judge(std::vector<test::Cells>{}, facts);
  EXPECT_EQ(result.status, Status::kFail);
  EXPECT_EQ(result.detail, "expected 10, found 9");
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}).status, Status::kError) << "nobody counted";
  trial.spec.scope = plan::CheckScope::kRun;
  facts.staged_rows = 10;
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}, facts).status, Status::kPass);
}

TEST(RowCount, ARatioIsOfTheLastRun) {
  CheckTrial trial("row_count", "id int64");
  trial.with("min", "90%");
  Facts facts;
  facts.image_rows = 90;
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}, facts).status, Status::kSkipped);
  facts.last_run_rows = 100;
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}, facts).status, Status::kPass);
  facts.image_rows = 89;
  const CheckResult result = trial.judge(std::vector<test::Cells>{}, facts);
  EXPECT_EQ(result.status, Status::kFail);
  EXPECT_THAT(result.detail, HasSubstr("at least 90 (a share of the last run's 100), found 89"));
}

TEST(RowCount, WhereCountsTheRowsItPicks) {
  CheckTrial trial("row_count", "id int64");
  trial.with("max", "1").where("id > 1");
  EXPECT_EQ(trial.judge({{{"1"}, {"2"}, {"3"}}}).status, Status::kFail);
  EXPECT_EQ(trial.judge({{{"1"}, {"2"}}}).status, Status::kPass);
}

TEST(RowCount, NeedsABoundThatIsACount) {
  CheckTrial none("row_count", "id int64");
  EXPECT_EQ(none.codes(), "E107");
  CheckTrial wrong("row_count", "id int64");
  EXPECT_EQ(wrong.with("equals", "many").codes(), "E104");
}

TEST(RowCountMatch, StagedPublishedAndTable) {
  CheckTrial trial("row_count_match", "id int64");
  trial.with("with", "source");
  Facts facts;
  facts.source_rows = 10;
  facts.staged_rows = 8;
  facts.deduped_rows = 2;
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}, facts).status, Status::kPass);
  facts.deduped_rows = 1;
  const CheckResult result = trial.judge(std::vector<test::Cells>{}, facts);
  EXPECT_EQ(result.status, Status::kFail);
  EXPECT_EQ(result.detail, "source 10, target 8, deduped 1");
  EXPECT_EQ(result.label, "row_count_match(source)");
  trial.spec.stage = plan::CheckStage::kPublished;
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}, facts).status, Status::kError);
  facts.arrived_rows = 9;
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}, facts).status, Status::kPass);
  trial.spec.scope = plan::CheckScope::kTable;
  facts.source_table_rows = 100;
  facts.image_rows = 101;
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}, facts).status, Status::kFail);
  trial.with("tolerance", "1%");
  EXPECT_EQ(trial.judge(std::vector<test::Cells>{}, facts).status, Status::kPass);
}

TEST(RowCountMatch, WhatDoesNotGoTogether) {
  CheckTrial source("row_count_match", "id int64");
  source.spec.stage = plan::CheckStage::kSource;
  EXPECT_EQ(source.codes(), "E118");
  CheckTrial filtered("row_count_match", "id int64");
  EXPECT_EQ(filtered.where("id > 1").codes(), "E118");
}

}  // namespace
}  // namespace engine::stages
