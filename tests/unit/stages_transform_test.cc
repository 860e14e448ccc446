#include "stages/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "expr/kernel.h"
#include "expr/node.h"
#include "unit/support/stage_rows.h"

namespace engine::stages {
namespace {

using test::batch;
using test::kNull;
using test::schema;
using test::texts;
using testing::ElementsAre;
using testing::IsEmpty;

const data::Schema kSource = schema("id int64; name text; spare int64");
const data::Type kInt64 = data::Type::of(data::Kind::kInt64);

expr::NodePtr id() {
  return expr::make_column(0, "id", kInt64, true);
}
expr::NodePtr name() {
  return expr::make_column(1, "name", data::Type::of(data::Kind::kText), true);
}

/// 100 / id, refused where id is 0.
data::ColumnPtr hundred_over(const expr::Call& call) {
  return expr::map_fixed<std::int64_t>(call, [&](std::size_t row, std::int64_t& out) {
    if (call.arg(0).int64(row) == 0) return call.refuse(row, "E404", "division by zero", "0");
    out = 100 / call.arg(0).int64(row);
    return true;
  });
}

data::ColumnPtr is_even(const expr::Call& call) {
  return expr::map_bool(call, [&](std::size_t row, bool& out) {
    out = call.arg(0).int64(row) % 2 == 0;
    return true;
  });
}

expr::NodePtr call(const char* function, expr::Kernel kernel, data::Kind kind) {
  return expr::make_call({.name = function,
                          .type = data::Type::of(kind),
                          .kernel = kernel,
                          .can_fail = true,
                          .prepared = nullptr},
                         {id()});
}
expr::NodePtr ratio() {
  return call("ratio", hundred_over, data::Kind::kInt64);
}
expr::NodePtr even() {
  return call("even", is_even, data::Kind::kBool);
}

TransformSpec spec() {
  TransformSpec made;
  made.columns = {{"key", kInt64, id(), true}, {"share", kInt64, ratio(), true}};
  return made;
}

struct Applied {
  data::Batch rows;
  std::vector<data::RowError> rejects;
  std::vector<std::uint32_t> kept;
};

Applied apply(Transform& transform, const data::Batch& source) {
  Applied applied;
  applied.rows = transform.apply(source, applied.rejects, applied.kept);
  return applied;
}

TEST(Transform, PassesBareColumnsByPointer) {
  Transform transform(spec(), {});
  const data::Batch source = batch(kSource, {{"1", "a", "0"}, {"4", "b", "0"}});
  const Applied applied = apply(transform, source);
  EXPECT_EQ(applied.rows.columns[0], source.columns[0]);
  EXPECT_THAT(texts(applied.rows), ElementsAre("1|100", "4|25"));
  EXPECT_THAT(applied.kept, ElementsAre(0, 1));
  EXPECT_EQ(applied.rows.schema->fields[1].name, "share");
}

TEST(Transform, RowsThatCannotBeEvaluatedAreRejected) {
  Transform transform(spec(), {});
  const Applied applied =
      apply(transform, batch(kSource, {{"1", "a", "0"}, {"0", "b", "0"}, {"2", "c", "0"}}));
  EXPECT_THAT(texts(applied.rows), ElementsAre("1|100", "2|50"));
  EXPECT_THAT(applied.kept, ElementsAre(0, 2));
  ASSERT_EQ(applied.rejects.size(), 1U);
  EXPECT_EQ(applied.rejects[0].row, 1U);
  EXPECT_EQ(applied.rejects[0].column, "share");
  EXPECT_EQ(applied.rejects[0].code, "E404");
  EXPECT_EQ(transform.counts().read, 3);
  EXPECT_EQ(transform.counts().rejected, 1);
}

TEST(Transform, TheFilterDropsRowsAndTheirErrors) {
  TransformSpec how = spec();
  how.filter = even();
  how.columns.push_back({"name", data::Type::of(data::Kind::kText), name(), true});
  Transform transform(how, {});
  data::Batch source = batch(
      kSource,
      {{"1", kNull, "0"}, {"2", "b", "0"}, {kNull, "c", "0"}, {"0", "d", "0"}, {"4", "e", "0"}});
  source.errors.push_back({0, "name", "E406", "bad UTF-8", "?"});
  const Applied applied = apply(transform, source);
  EXPECT_THAT(texts(applied.rows), ElementsAre("2|50|b", "4|25|e"));
  EXPECT_THAT(applied.kept, ElementsAre(1, 4));
  ASSERT_EQ(applied.rejects.size(), 1U) << "the row that the filter drops is not rejected";
  EXPECT_EQ(applied.rejects[0].row, 3U);
  EXPECT_EQ(transform.counts().filtered, 2);
  EXPECT_EQ(transform.counts().rejected, 1);
}

TEST(Transform, AFilterThatDropsAllLeavesColumnsWithoutRows) {
  TransformSpec how = spec();
  how.filter = even();
  Transform transform(how, {});
  const Applied applied = apply(transform, batch(kSource, {{"1", "a", "0"}}));
  EXPECT_EQ(applied.rows.rows, 0U);
  EXPECT_EQ(applied.rows.columns.size(), 2U);
  EXPECT_THAT(applied.kept, IsEmpty());
  EXPECT_EQ(transform.counts().filtered, 1);
}

TEST(Transform, ErrorsOfTheSourceCountOnlyInColumnsThatAreUsed) {
  Transform transform(spec(), {});
  data::Batch source = batch(kSource, {{"1", "a", kNull}, {kNull, "b", "0"}});
  source.errors.push_back({0, "spare", "E403", "no int64", "x"});
  source.errors.push_back({1, "id", "E403", "no int64", "x"});
  const Applied applied = apply(transform, source);
  EXPECT_THAT(texts(applied.rows), ElementsAre("1|100"));
  ASSERT_EQ(applied.rejects.size(), 1U);
  EXPECT_EQ(applied.rejects[0].row, 1U);
  EXPECT_EQ(applied.rejects[0].column, "id");
}

TEST(Transform, NullInANotNullColumnIsARowError) {
  TransformSpec how = spec();
  how.columns[0].nullable = false;
  Transform transform(how, {});
  const Applied applied = apply(transform, batch(kSource, {{kNull, "a", "0"}, {"5", "b", "0"}}));
  EXPECT_THAT(texts(applied.rows), ElementsAre("5|20"));
  ASSERT_EQ(applied.rejects.size(), 1U);
  EXPECT_EQ(applied.rejects[0].code, "E403");
  EXPECT_EQ(applied.rejects[0].reason, "NULL in a NOT NULL column");
}

TEST(Transform, CarriedColumnsFollowTheWrittenOnes) {
  TransformSpec how = spec();
  how.carried = {{"spare", kInt64, expr::make_column(2, "spare", kInt64, true), true}};
  Transform transform(how, {});
  const Applied applied = apply(transform, batch(kSource, {{"1", "a", "7"}}));
  EXPECT_THAT(texts(applied.rows), ElementsAre("1|100|7"));
  EXPECT_EQ(transform.written(), 2U);
}

TEST(Transform, RejectsComeInRowOrder) {
  TransformSpec how = spec();
  how.columns.push_back({"name", data::Type::of(data::Kind::kText), name(), false});
  Transform transform(how, {});
  const Applied applied =
      apply(transform, batch(kSource, {{"1", kNull, "0"}, {"0", "b", "0"}, {"2", kNull, "0"}}));
  std::vector<std::uint32_t> rows;
  for (const auto& reject : applied.rejects) rows.push_back(reject.row);
  EXPECT_THAT(rows, ElementsAre(0, 1, 2));
  EXPECT_EQ(transform.counts().rejected, 3);
}

}  // namespace
}  // namespace engine::stages
