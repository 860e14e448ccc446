#include "stages/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "unit/support/stage_rows.h"

namespace engine::stages {
namespace {

using test::batch;
using test::Cells;
using test::kNull;
using test::schema;
using test::texts;
using test::VectorRows;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const data::Schema kWritten = schema("id int64; name text");

ComparisonSpec spec() {
  ComparisonSpec made;
  made.written = kWritten;
  made.key = {0};
  return made;
}

struct Outcome {
  std::vector<std::string> changes;  ///< "+1|a", "~2|b"
  std::vector<std::string> image;
  ComparisonCounts counts;
};

std::vector<data::Batch> batches(const data::Schema& columns, const std::vector<Cells>& parts) {
  std::vector<data::Batch> made;
  for (const Cells& part : parts) made.push_back(batch(columns, part));
  return made;
}

Outcome compare(const ComparisonSpec& how, std::vector<data::Batch> staged,
                std::vector<data::Batch> target, bool watched = true, bool has_target = true) {
  VectorRows staged_rows(std::move(staged));
  VectorRows target_rows(std::move(target));
  Outcome outcome;
  std::vector<ImageObserver> observers;
  if (watched) {
    observers.push_back([&](const data::Batch& rows) {
      for (const std::string& line : texts(rows)) outcome.image.push_back(line);
    });
  }
  Comparison comparison(how, staged_rows, has_target ? &target_rows : nullptr, observers);
  connect::ChangeBatch change;
  while (comparison.next(change)) {
    const auto lines = texts(change.rows);
    EXPECT_EQ(lines.size(), change.ops.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      outcome.changes.push_back((change.ops[i] == connect::Op::kInsert ? "+" : "~") + lines[i]);
    }
  }
  EXPECT_FALSE(comparison.next(change)) << "the end stays the end";
  outcome.counts = comparison.counts();
  return outcome;
}

TEST(Comparison, TellsInsertUpdateAndSameApart) {
  const Outcome outcome =
      compare(spec(), batches(kWritten, {{{"1", "a"}, {"2", "changed"}}, {{"4", "new"}}}),
              batches(kWritten, {{{"1", "a"}}, {{"2", "b"}, {"3", "stays"}}}));
  EXPECT_THAT(outcome.changes, ElementsAre("~2|changed", "+4|new"));
  EXPECT_THAT(outcome.image, ElementsAre("1|a", "2|changed", "3|stays", "4|new"));
  EXPECT_EQ(outcome.counts.staged, 3);
  EXPECT_EQ(outcome.counts.inserted, 1);
  EXPECT_EQ(outcome.counts.updated, 1);
  EXPECT_EQ(outcome.counts.same, 1);
  EXPECT_EQ(outcome.counts.target_before, 3);
  EXPECT_EQ(outcome.counts.image(), 4);
}

TEST(Comparison, AnEmptyTargetGetsTheStagedColumnsThemselves) {
  const data::Batch rows = batch(kWritten, {{"1", "a"}, {"2", "b"}});
  for (const bool has_target : {false, true}) {
    VectorRows staged({rows});
    VectorRows none({});
    Comparison comparison(spec(), staged, has_target ? &none : nullptr, {});
    connect::ChangeBatch change;
    ASSERT_TRUE(comparison.next(change));
    EXPECT_EQ(change.rows.columns[0], rows.columns[0]);
    EXPECT_EQ(change.rows.columns[1], rows.columns[1]);
    EXPECT_THAT(change.ops, ElementsAre(connect::Op::kInsert, connect::Op::kInsert));
    EXPECT_FALSE(comparison.next(change));
  }
}

TEST(Comparison, CarriedColumnsAreNotWritten) {
  const data::Schema carried = schema("id int64; name text; seen int64");
  const Outcome outcome = compare(spec(), batches(carried, {{{"1", "a", "9"}}}), {});
  EXPECT_THAT(outcome.changes, ElementsAre("+1|a"));
  EXPECT_THAT(outcome.image, ElementsAre("1|a"));
}

TEST(Comparison, NullIsNotAnEmptyTextAndEqualsNull) {
  const Outcome outcome =
      compare(spec(), batches(kWritten, {{{"1", kNull}, {"2", kNull}, {"3", ""}}}),
              batches(kWritten, {{{"1", kNull}, {"2", ""}, {"3", kNull}}}));
  EXPECT_THAT(outcome.changes, ElementsAre("~2|NULL", "~3|"));
}

TEST(Comparison, EveryTypeIsCompared) {
  const data::Schema all = schema(
      "id int64; b bool; f float64; d decimal(10,2); n number; day date; t time; at "
      "timestamp; raw bytes; u uuid; j json");
  const std::vector<test::Cell> row = {"1",         "true",
                                       "1.5",       "2.50",
                                       "12.5",      "2024-01-31",
                                       "08:00:00",  "2024-01-31T08:00:00Z",
                                       "\\x00ff",   "0188d0f2-0000-7000-8000-000000000001",
                                       "{\"a\": 1}"};
  const std::vector<test::Cell> other = {"1",        "false",
                                         "1.25",     "2.51",
                                         "12.6",     "2024-01-30",
                                         "08:00:01", "2024-01-31T08:00:01Z",
                                         "\\x00fe",  "0188d0f2-0000-7000-8000-000000000002",
                                         "{\"a\":1}"};
  ComparisonSpec how = spec();
  how.written = all;
  EXPECT_THAT(compare(how, batches(all, {{row}}), batches(all, {{row}})).changes, IsEmpty());
  for (std::size_t column = 1; column < row.size(); ++column) {
    auto changed = row;
    changed[column] = other[column];
    EXPECT_EQ(compare(how, batches(all, {{changed}}), batches(all, {{row}})).counts.updated, 1)
        << all.fields[column].name;
    changed[column] = kNull;
    EXPECT_EQ(compare(how, batches(all, {{changed}}), batches(all, {{row}})).counts.updated, 1)
        << all.fields[column].name << " NULL";
  }
}

TEST(Comparison, ModeInsertKeepsWhatIsThere) {
  ComparisonSpec how = spec();
  how.mode = plan::MergeMode::kInsert;
  const Outcome outcome = compare(how, batches(kWritten, {{{"1", "x"}, {"2", "b"}}}),
                                  batches(kWritten, {{{"1", "a"}}}));
  EXPECT_THAT(outcome.changes, ElementsAre("+2|b"));
  EXPECT_THAT(outcome.image, ElementsAre("1|a", "2|b"));
  EXPECT_EQ(outcome.counts.kept, 1);
}

TEST(Comparison, WriteUnchangedWritesEqualRows) {
  ComparisonSpec how = spec();
  how.write_unchanged = true;
  const Outcome outcome =
      compare(how, batches(kWritten, {{{"1", "a"}}}), batches(kWritten, {{{"1", "a"}}}));
  EXPECT_THAT(outcome.changes, ElementsAre("~1|a"));
  EXPECT_EQ(outcome.counts.updated, 1);
  EXPECT_EQ(outcome.counts.same, 0);
}

TEST(Comparison, NullAndDuplicateKeysAreCountedAndNamed) {
  ComparisonSpec how = spec();
  const Outcome outcome = compare(
      how, batches(kWritten, {{{kNull, "n"}, {"1", "a"}}, {{"1", "b"}, {"1", "c"}, {"2", "d"}}}),
      {});
  EXPECT_THAT(outcome.changes, ElementsAre("+1|a", "+2|d"));
  EXPECT_EQ(outcome.counts.null_keys, 1);
  EXPECT_EQ(outcome.counts.duplicate_keys, 2);
  EXPECT_THAT(outcome.counts.key_errors,
              ElementsAre("[E401] NULL in the key: id=NULL", "[E402] duplicate key: id=1",
                          "[E402] duplicate key: id=1"));
}

TEST(Comparison, MaskedKeysAreNotShown) {
  ComparisonSpec how = spec();
  how.masked = {"id"};
  const Outcome outcome = compare(how, batches(kWritten, {{{"7", "a"}, {"7", "b"}}}), {});
  EXPECT_THAT(outcome.counts.key_errors, ElementsAre("[E402] duplicate key: id=***"));
}

TEST(Comparison, DedupeKeepsTheFirstAndRefusesAnUnequalTie) {
  const data::Schema carried = schema("id int64; name text; seen int64");
  ComparisonSpec how = spec();
  how.dedupe = {{.column = 2, .descending = true}};
  const Outcome outcome =
      compare(how,
              batches(carried, {{{"1", "new", "9"}},
                                {{"1", "old", "8"}, {"2", "b", "5"}},
                                {{"2", "b", "5"}, {"2", "c", "5"}, {"2", "z", "1"}}}),
              {});
  EXPECT_THAT(outcome.changes, ElementsAre("+1|new", "+2|b"));
  EXPECT_EQ(outcome.counts.deduped, 3);
  EXPECT_EQ(outcome.counts.duplicate_keys, 1);
  EXPECT_THAT(outcome.counts.key_errors, ElementsAre(HasSubstr("[E413] dedupe cannot choose")));
}

TEST(Comparison, TheImageShowsTheTargetsOtherColumns) {
  const data::Schema target = schema("id int64; name text; score int64");
  const Outcome outcome =
      compare(spec(), batches(kWritten, {{{"1", "x"}, {"2", "b"}, {"4", "n"}}}),
              batches(target, {{{"1", "a", "10"}, {"2", "b", "20"}, {"3", "c", "30"}}}));
  EXPECT_THAT(outcome.image, ElementsAre("1|x|10", "2|b|20", "3|c|30", "4|n|NULL"));
}

TEST(Comparison, TheImageShowsOnlyTheColumnsAskedFor) {
  ComparisonSpec how = spec();
  how.image_columns = {"name"};
  const Outcome outcome = compare(how, batches(kWritten, {{{"1", "x"}}}),
                                  batches(kWritten, {{{"1", "a"}, {"2", "b"}}}));
  EXPECT_THAT(outcome.image, ElementsAre("x", "b"));
}

TEST(Comparison, ATargetRowWithAnErrorIsDifferent) {
  data::Batch target = batch(kWritten, {{"1", kNull}, {"2", kNull}});
  target.errors.push_back({1, "name", "E403", "no text", ""});
  const Outcome outcome =
      compare(spec(), batches(kWritten, {{{"1", kNull}, {"2", kNull}}}), {target});
  EXPECT_THAT(outcome.changes, ElementsAre("~2|NULL"));
}

TEST(Comparison, ATargetWhoseKeyIsNotUniqueIsRefused) {
  try {
    compare(spec(), batches(kWritten, {{{"1", "a"}}}),
            batches(kWritten, {{{"1", "a"}}, {{"1", "b"}}}));
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E308");
    EXPECT_THAT(error.message(), HasSubstr("id=1"));
  }
}

TEST(Comparison, RowsWithoutOrderAreABug) {
  EXPECT_THROW(compare(spec(), batches(kWritten, {{{"2", "a"}}, {{"1", "b"}}}), {}), base::Error);
}

TEST(Comparison, AgreesWithAMapOnManyRows) {
  std::map<int, std::string> before;
  std::map<int, std::string> after;
  std::vector<Cells> staged(1);
  std::vector<Cells> target(1);
  std::uint64_t seed = 7;
  const auto chance = [&](std::uint64_t of) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (seed >> 33) % of == 0;
  };
  std::int64_t changed = 0;
  for (int id = 0; id < 5000; ++id) {
    const std::string key = std::to_string(id);
    const bool in_target = !chance(5);
    const bool in_staged = !chance(4);
    const std::string value = chance(10) ? "other" : "same";
    if (in_target) target.back().push_back({key, "same"}), before[id] = "same", after[id] = "same";
    if (in_staged) staged.back().push_back({key, value}), after[id] = value;
    changed += in_staged && (!in_target || value == "other");
    if (chance(70)) staged.emplace_back();
    if (chance(90)) target.emplace_back();
  }
  const Outcome outcome = compare(spec(), batches(kWritten, staged), batches(kWritten, target));
  std::vector<std::string> expected;
  for (const auto& [id, value] : after) expected.push_back(std::to_string(id) + "|" + value);
  EXPECT_EQ(outcome.image, expected);
  EXPECT_EQ(static_cast<std::int64_t>(outcome.changes.size()), changed);
  EXPECT_EQ(outcome.counts.staged,
            outcome.counts.inserted + outcome.counts.updated + outcome.counts.same);
  EXPECT_EQ(outcome.counts.image(), static_cast<std::int64_t>(after.size()));
}

}  // namespace
}  // namespace engine::stages
