#include "stages/orphans.h"

#include <gtest/gtest.h>

#include "data/key.h"
#include "data/value_text.h"

namespace engine::stages {
namespace {

using data::Kind;
using data::Type;

data::ColumnPtr column_of(Type type, const std::vector<const char*>& texts) {
  data::ColumnBuilder builder(type);
  for (const char* text : texts) {
    if (text == nullptr || !data::append_parsed(builder, text)) builder.append_null();
  }
  return builder.finish();
}

data::Batch batch_of(std::vector<data::ColumnPtr> columns) {
  data::Batch batch;
  data::Schema schema;
  for (const data::ColumnPtr& column : columns) {
    schema.fields.push_back({"c" + std::to_string(schema.size()), column->type(), true});
  }
  batch.schema = std::make_shared<const data::Schema>(std::move(schema));
  batch.rows = columns.front()->size();
  batch.columns = std::move(columns);
  return batch;
}

// The quick ways must give the hashes that the parent's keys were collected by.
TEST(Orphans, EveryKindOfKeyIsHashedAsTheParentsKeysAre) {
  const std::vector<std::pair<Type, std::vector<const char*>>> kinds = {
      {Type::of(Kind::kInt64), {"-1", nullptr, "0", "9223372036854775807", "7"}},
      {Type::of(Kind::kUuid), {"ee56806a-7d10-86ed-bfec-262097e6be07", nullptr}},
      {Type::of(Kind::kText), {"", "a", nullptr, "ee56806a-7d10-86ed-bfec-262097e6be07"}},
      {Type::decimal(9, 2), {"1.50", nullptr, "-2"}},
      {Type::of(Kind::kDate), {"2024-02-29", nullptr}}};
  for (const auto& [type, texts] : kinds) {
    const data::Batch batch = batch_of({column_of(type, texts)});
    ReferenceHashes hashes({{0}, {type}, ""});
    hashes.load(batch);
    std::vector<std::uint32_t> rows;
    std::vector<base::Hash128> keys;
    for (std::uint32_t row = 0; row < batch.rows; ++row) {
      if (batch.column(0).is_null(row)) continue;
      rows.push_back(row);
      keys.push_back(base::hash128(data::key_of(batch, {0}, row)));
    }
    EXPECT_EQ(hashes.rows(), rows) << data::type_name(type);
    EXPECT_EQ(hashes.keys(), keys) << data::type_name(type);
    EXPECT_TRUE(hashes.strangers().empty());
  }
}

TEST(Orphans, ATextWithNulAndAKeyOfTwoColumns) {
  data::ColumnBuilder builder(Type::of(Kind::kText));
  builder.append_bytes(std::string("a\0b", 3));
  const data::Batch batch = batch_of({builder.finish(), column_of(Type::of(Kind::kInt64), {"7"})});
  ReferenceHashes one({{0}, {Type::of(Kind::kText)}, ""});
  one.load(batch);
  EXPECT_EQ(one.keys().front(), base::hash128(data::key_of(batch, {0}, 0)));
  ReferenceHashes both({{0, 1}, {Type::of(Kind::kText), Type::of(Kind::kInt64)}, ""});
  both.load(batch);
  EXPECT_EQ(both.keys().front(), base::hash128(data::key_of(batch, {0, 1}, 0)));
}

TEST(Orphans, AValueThatIsNoKeyOfTheParentIsAStranger) {
  const data::Batch batch = batch_of({column_of(Type::of(Kind::kText), {"7", "x", nullptr})});
  ReferenceHashes hashes({{0}, {Type::of(Kind::kInt64)}, ""});
  hashes.load(batch);
  EXPECT_EQ(hashes.rows(), std::vector<std::uint32_t>{0});
  EXPECT_EQ(hashes.strangers(), std::vector<std::uint32_t>{1});
}

TEST(Orphans, RowsAreEmptiedAndLeftOut) {
  const data::Batch batch = batch_of({column_of(Type::of(Kind::kInt64), {"1", "2", "3"}),
                                      column_of(Type::of(Kind::kText), {"a", "b", "c"})});
  const data::Batch emptied = with_nulls(batch, {1}, {0, 2});
  EXPECT_TRUE(emptied.column(1).is_null(0));
  EXPECT_EQ(emptied.column(1).bytes_at(1), "b");
  EXPECT_FALSE(emptied.column(0).is_null(0));
  const data::Batch left = without_rows(batch, {1});
  ASSERT_EQ(left.rows, 2U);
  EXPECT_EQ(left.column(0).int64_at(1), 3);
}

}  // namespace
}  // namespace engine::stages
