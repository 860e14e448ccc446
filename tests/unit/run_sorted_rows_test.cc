#include "run/sorted_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/comparison.h"
#include "unit/support/stage_rows.h"
#include "unit/support/temporary_folder.h"

namespace engine::run {
namespace {

using stages::InOrder;
using ::testing::ElementsAre;
namespace test = stages::test;

/// One row a batch; counts how many were asked for.
class CountedRows : public stages::Rows {
 public:
  explicit CountedRows(const std::vector<std::string>& keys) : keys_(keys) {}
  bool next(data::Batch& batch) override {
    if (given == keys_.size()) return false;
    batch = test::batch(test::schema("id int64"), {{keys_[given++]}});
    return true;
  }
  std::size_t given = 0;

 private:
  std::vector<std::string> keys_;
};

class SortedRowsTest : public ::testing::Test {
 protected:
  SortedRows sorted(stages::Rows& rows, InOrder order) {
    return SortedRows(rows, {{0}, {}}, budget_, {folder_.path(), "rows"}, order);
  }
  std::vector<std::string> all_of(stages::Rows& rows, InOrder order) {
    SortedRows out = sorted(rows, order);
    std::vector<std::string> lines;
    data::Batch batch;
    while (out.next(batch)) {
      for (const std::string& line : test::texts(batch)) lines.push_back(line);
    }
    return lines;
  }

 private:
  engine::testing::TemporaryFolder folder_;
  base::MemoryBudget budget_{std::uint64_t{64} << 20};
};

TEST_F(SortedRowsTest, RowsThatBeginInOrderAreOnTheirWayBeforeAllAreRead) {
  CountedRows rows({"1", "2", "3", "4", "5", "6", "7", "8"});
  SortedRows out = sorted(rows, InOrder::kHoped);
  data::Batch batch;
  ASSERT_TRUE(out.next(batch));
  EXPECT_LT(rows.given, 8U);
  CountedRows again({"1", "2", "3", "4", "5", "6", "7", "8"});
  EXPECT_THAT(all_of(again, InOrder::kHoped), ElementsAre("1", "2", "3", "4", "5", "6", "7", "8"));
}

TEST_F(SortedRowsTest, WithoutHopeAllAreReadFirst) {
  CountedRows rows({"1", "2", "3", "4", "5", "6", "8", "7"});
  SortedRows out = sorted(rows, InOrder::kSure);
  data::Batch batch;
  ASSERT_TRUE(out.next(batch));
  EXPECT_EQ(rows.given, 8U);
}

TEST_F(SortedRowsTest, RowsThatBeginOutOfOrderAreSortedInOneReading) {
  CountedRows rows({"1", "3", "2", "4", "5", "6", "8", "7"});
  EXPECT_THAT(all_of(rows, InOrder::kHoped), ElementsAre("1", "2", "3", "4", "5", "6", "7", "8"));
  CountedRows few({"3", "1", "2"});
  EXPECT_THAT(all_of(few, InOrder::kHoped), ElementsAre("1", "2", "3"));
}

TEST_F(SortedRowsTest, AComparisonTellsWhenTheHopeFails) {
  CountedRows rows({"1", "2", "3", "4", "5", "6", "8", "7"});
  SortedRows staged = sorted(rows, InOrder::kHoped);
  stages::ComparisonSpec spec;
  spec.written = test::schema("id int64");
  spec.key = {0};
  spec.staged_order = InOrder::kHoped;
  stages::Comparison comparison(spec, staged, nullptr, {});
  connect::ChangeBatch changes;
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(comparison.next(changes));
  EXPECT_THROW(comparison.next(changes), stages::RowsOutOfOrder);
}

}  // namespace
}  // namespace engine::run
