#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "stages/comparison.h"
#include "unit/support/stage_rows.h"

/// What each mode of merging makes of rows that both sides have, or one.
namespace engine::stages {
namespace {

using plan::MergeMode;
using plan::WhenMatched;
using test::batch;
using test::Cells;
using test::kNull;
using test::schema;
using test::texts;
using test::VectorRows;
using testing::ElementsAre;
using testing::IsEmpty;
using Lines = std::vector<std::string>;

const data::Schema kWritten = schema("id int64; name text; age int64");
const data::Schema kFlagged = schema("id int64; name text; age int64; gone bool");

ComparisonSpec spec(MergeMode mode) {
  ComparisonSpec made;
  made.written = kWritten;
  made.key = {0};
  made.mode = mode;
  return made;
}

struct Outcome {
  Lines changes;  ///< "+ new", "~ updated", "- deleted", "! marked"
  Lines image;
  ComparisonCounts counts;

  std::int64_t accounted() const {
    return counts.inserted + counts.updated + counts.same + counts.kept + counts.unmatched +
           counts.deleted + counts.absent + counts.deduped;
  }
};

char sign_of(connect::Op op) {
  constexpr char kSigns[] = {'+', '~', '-', '!'};
  return kSigns[static_cast<int>(op) - 1];
}

std::vector<data::Batch> one_by_one(const data::Schema& columns, const Cells& rows,
                                    std::size_t size) {
  std::vector<data::Batch> made;
  for (std::size_t at = 0; at < rows.size(); at += size) {
    const auto end = std::min(rows.size(), at + size);
    made.push_back(batch(columns, Cells(rows.begin() + static_cast<std::ptrdiff_t>(at),
                                        rows.begin() + static_cast<std::ptrdiff_t>(end))));
  }
  return made;
}

/// The same whatever the size of the batches.
Outcome compare(const ComparisonSpec& how, const data::Schema& staged_columns, const Cells& staged,
                const data::Schema& target_columns, const Cells& target) {
  Outcome first;
  for (const std::size_t size : {1U, 2U, 100U}) {
    VectorRows staged_rows(one_by_one(staged_columns, staged, size));
    VectorRows target_rows(one_by_one(target_columns, target, size == 2 ? 3 : size));
    Outcome outcome;
    const ImageObserver watch = [&](const data::Batch& rows) {
      for (const std::string& line : texts(rows)) outcome.image.push_back(line);
    };
    Comparison comparison(how, staged_rows, &target_rows, {watch});
    connect::ChangeBatch change;
    while (comparison.next(change)) {
      const Lines lines = texts(change.rows);
      for (std::size_t i = 0; i < lines.size(); ++i) {
        outcome.changes.push_back(std::string(1, sign_of(change.ops[i])) + lines[i]);
      }
    }
    outcome.counts = comparison.counts();
    std::sort(outcome.changes.begin(), outcome.changes.end());
    EXPECT_EQ(outcome.accounted(), static_cast<std::int64_t>(staged.size()));
    EXPECT_EQ(outcome.counts.image(), static_cast<std::int64_t>(outcome.image.size()));
    if (size == 1) first = outcome;
    EXPECT_EQ(outcome.changes, first.changes) << "batches of " << size;
    EXPECT_EQ(outcome.image, first.image) << "batches of " << size;
  }
  return first;
}

Outcome compare(const ComparisonSpec& how, const Cells& staged, const Cells& target) {
  return compare(how, how.deleted ? kFlagged : kWritten, staged, kWritten, target);
}

const Cells kStaged = {{"1", "a", "1"}, {"2", "B", "5"}, {"4", "d", "1"}};
const Cells kTarget = {{"1", "a", "1"}, {"2", "b", "7"}, {"3", "c", "1"}};

TEST(MergeModes, UpdateInsertsNothing) {
  const Outcome outcome = compare(spec(MergeMode::kUpdate), kStaged, kTarget);
  EXPECT_THAT(outcome.changes, ElementsAre("~2|B|5"));
  EXPECT_THAT(outcome.image, ElementsAre("1|a|1", "2|B|5", "3|c|1"));
  EXPECT_EQ(outcome.counts.unmatched, 1);
}

TEST(MergeModes, MirrorRemovesWhatTheTargetAloneHas) {
  const Outcome outcome = compare(spec(MergeMode::kMirror), kStaged, kTarget);
  EXPECT_THAT(outcome.changes, ElementsAre("+4|d|1", "-3", "~2|B|5"));
  EXPECT_THAT(outcome.image, ElementsAre("1|a|1", "2|B|5", "4|d|1"));
  EXPECT_EQ(outcome.counts.removed, 1);
}

TEST(MergeModes, MirrorOfNothingRemovesEverything) {
  const Outcome outcome = compare(spec(MergeMode::kMirror), {}, kTarget);
  EXPECT_THAT(outcome.changes, ElementsAre("-1", "-2", "-3"));
  EXPECT_THAT(outcome.image, IsEmpty());
}

TEST(MergeModes, APartialRunRemovesNothing) {
  ComparisonSpec how = spec(MergeMode::kMirror);
  how.partial = true;
  const Outcome outcome = compare(how, kStaged, kTarget);
  EXPECT_THAT(outcome.changes, ElementsAre("+4|d|1", "~2|B|5"));
  EXPECT_EQ(outcome.counts.removed, 0);
}

TEST(MergeModes, ASoftDeleteMarksOnceAndComesBack) {
  ComparisonSpec how = spec(MergeMode::kMirror);
  how.written = schema("id int64; name text; gone timestamp");
  how.mark = 2;
  how.marked_us = 1'700'000'000'000'000;
  const Cells staged = {{"1", "a", kNull}, {"4", "back", kNull}};
  const Cells target = {{"1", "a", kNull},
                        {"2", "b", kNull},
                        {"3", "c", "2020-01-01T00:00:00Z"},
                        {"4", "back", "2020-01-01T00:00:00Z"}};
  const Outcome outcome = compare(how, how.written, staged, how.written, target);
  EXPECT_THAT(outcome.changes, ElementsAre("!2|2023-11-14T22:13:20Z", "~4|back|NULL"));
  EXPECT_THAT(outcome.image, ElementsAre("1|a|NULL", "2|b|2023-11-14T22:13:20Z",
                                         "3|c|2020-01-01T00:00:00Z", "4|back|NULL"));
  EXPECT_EQ(outcome.counts.removed, 1);
}

TEST(MergeModes, ASoftDeleteIntoAText) {
  ComparisonSpec how = spec(MergeMode::kMirror);
  how.written = schema("id int64; gone text");
  how.mark = 1;
  how.marked_us = 1'700'000'000'000'000;
  const Outcome outcome = compare(how, how.written, {}, how.written, {{"1", kNull}});
  EXPECT_THAT(outcome.changes, ElementsAre("!1|2023-11-14T22:13:20Z"));
}

TEST(MergeModes, KeepLeavesExistingRowsAlone) {
  ComparisonSpec how = spec(MergeMode::kMirror);
  how.when_matched = WhenMatched::kKeep;
  const Outcome outcome = compare(how, kStaged, kTarget);
  EXPECT_THAT(outcome.changes, ElementsAre("+4|d|1", "-3"));
  EXPECT_THAT(outcome.image, ElementsAre("1|a|1", "2|b|7", "4|d|1"));
  EXPECT_EQ(outcome.counts.kept, 2);
}

TEST(MergeModes, NewestUpdatesOnlyByALargerValue) {
  ComparisonSpec how = spec(MergeMode::kUpsert);
  how.when_matched = WhenMatched::kNewest;
  how.newest_by = 2;
  const Outcome outcome = compare(how,
                                  {{"1", "older", "1"},
                                   {"2", "newer", "9"},
                                   {"3", "tie", "5"},
                                   {"4", "unknown", kNull},
                                   {"5", "known", "1"},
                                   {"6", "same", "1"}},
                                  {{"1", "x", "2"},
                                   {"2", "x", "8"},
                                   {"3", "x", "5"},
                                   {"4", "x", "1"},
                                   {"5", "x", kNull},
                                   {"6", "same", "1"}});
  EXPECT_THAT(outcome.changes, ElementsAre("~2|newer|9", "~5|known|1"));
  EXPECT_EQ(outcome.counts.kept, 3);
  EXPECT_EQ(outcome.counts.same, 1);
}

TEST(MergeModes, ColumnsThatMayNotBeUpdatedAreTheTargets) {
  ComparisonSpec how = spec(MergeMode::kUpsert);
  how.updated = {1};
  const Outcome outcome = compare(how, {{"1", "a", "9"}, {"2", "B", "9"}, {"3", "new", "9"}},
                                  {{"1", "a", "1"}, {"2", "b", "1"}});
  EXPECT_THAT(outcome.changes, ElementsAre("+3|new|9", "~2|B|9"));
  EXPECT_THAT(outcome.image, ElementsAre("1|a|1", "2|B|1", "3|new|9"));
  EXPECT_EQ(outcome.counts.same, 1);
}

TEST(MergeModes, RowsThatAskForADelete) {
  for (const MergeMode mode : {MergeMode::kUpsert, MergeMode::kUpdate, MergeMode::kMirror}) {
    ComparisonSpec how = spec(mode);
    how.deleted = 3;
    const Outcome outcome = compare(how,
                                    {{"1", "a", "1", "false"},
                                     {"2", "b", "1", "true"},
                                     {"3", "c", "1", kNull},
                                     {"4", "d", "1", "true"}},
                                    {{"1", "a", "1"}, {"2", "x", "1"}, {"3", "c", "1"}});
    EXPECT_THAT(outcome.changes, ElementsAre("-2"));
    EXPECT_THAT(outcome.image, ElementsAre("1|a|1", "3|c|1"));
    EXPECT_EQ(outcome.counts.deleted, 1);
    EXPECT_EQ(outcome.counts.absent, 1);
    EXPECT_EQ(outcome.counts.removed, 0);
  }
}

TEST(MergeModes, SoftDeletesThatWereAskedForHappenOnce) {
  ComparisonSpec how = spec(MergeMode::kMirror);
  how.written = schema("id int64; gone timestamp");
  how.mark = 1;
  how.deleted = 2;
  const data::Schema staged = schema("id int64; gone timestamp; flag bool");
  const Outcome outcome = compare(how, staged, {{"1", kNull, "true"}, {"2", kNull, "true"}},
                                  how.written, {{"1", kNull}, {"2", "2020-01-01T00:00:00Z"}});
  EXPECT_THAT(outcome.changes, ElementsAre("!1|1970-01-01T00:00:00Z"));
  EXPECT_EQ(outcome.counts.deleted, 1);
  EXPECT_EQ(outcome.counts.absent, 1);
}

TEST(MergeModes, WithoutAKeyEqualRowsMatchOneToOne) {
  ComparisonSpec how;
  how.written = schema("a text; b int64");
  how.key = {0, 1};
  how.mode = MergeMode::kReplace;
  how.by_content = true;
  const data::Schema numbered = schema("a text; b int64; _engine_row int64");
  const Cells staged = {{kNull, "1"}, {"x", "1"}, {"x", "1"}, {"y", kNull}};
  const Cells target = {{kNull, "1", "7"}, {kNull, "1", "3"}, {"x", "1", "5"}, {"z", "2", "1"}};
  const Outcome outcome = compare(how, how.written, staged, numbered, target);
  EXPECT_THAT(outcome.changes, ElementsAre("+x|1", "+y|NULL", "-1", "-3"));
  EXPECT_EQ(outcome.counts.same, 2);
  EXPECT_EQ(outcome.counts.removed, 2);
}

TEST(MergeModes, WithoutAKeyEqualContentsAreLeftAlone) {
  ComparisonSpec how;
  how.written = schema("a text");
  how.key = {0};
  how.mode = MergeMode::kReplace;
  how.by_content = true;
  const data::Schema numbered = schema("a text; _engine_row int64");
  const Outcome outcome =
      compare(how, how.written, {{"x"}, {"x"}}, numbered, {{"x", "1"}, {"x", "2"}});
  EXPECT_THAT(outcome.changes, IsEmpty());
}

TEST(MergeModes, AppendMatchesNothing) {
  ComparisonSpec how = spec(MergeMode::kAppend);
  how.key = {};
  VectorRows staged({batch(kWritten, {{"2", "a", "1"}, {"1", "b", "1"}, {"2", "a", "1"}})});
  VectorRows target({batch(kWritten, {{"9", "t", "1"}, {"2", "a", "1"}})});
  Lines image;
  Comparison comparison(how, staged, &target, {[&](const data::Batch& rows) {
                          for (const auto& line : texts(rows)) image.push_back(line);
                        }});
  connect::ChangeBatch change;
  ASSERT_TRUE(comparison.next(change));
  EXPECT_THAT(texts(change.rows), ElementsAre("2|a|1", "1|b|1", "2|a|1"));
  EXPECT_FALSE(comparison.next(change));
  EXPECT_EQ(comparison.counts().inserted, 3);
  EXPECT_EQ(comparison.counts().image(), 5);
  EXPECT_EQ(image.size(), 5U);
}

TEST(MergeModes, WhatIsAppendedToMayBeCountedOnly) {
  ComparisonSpec how = spec(MergeMode::kAppend);
  how.key = {};
  how.target_rows = 40;
  VectorRows staged({batch(kWritten, {{"2", "a", "1"}})});
  Comparison comparison(how, staged, nullptr, {});
  connect::ChangeBatch change;
  while (comparison.next(change)) continue;
  EXPECT_EQ(comparison.counts().image(), 41);
}

}  // namespace
}  // namespace engine::stages
