#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/batch.h"
#include "data/column.h"
#include "data/schema.h"
#include "data/type.h"

namespace engine::data {
namespace {

TEST(Type, NamesReadBack) {
  for (const char* name : {"bool", "int64", "float64", "number", "decimal(12,2)", "decimal(38,0)",
                           "date", "time", "timestamp", "timestamp_naive", "timestamp_ns",
                           "timestamp_naive_ns", "text", "bytes", "uuid", "json", "document"}) {
    const auto type = parse_type(name);
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(type_name(*type), name);
  }
}

TEST(Type, OtherSpellings) {
  EXPECT_EQ(parse_type(" BigInt "), Type::of(Kind::kInt64));
  EXPECT_EQ(parse_type("Double  Precision"), Type::of(Kind::kFloat64));
  EXPECT_EQ(parse_type("string"), Type::of(Kind::kText));
  EXPECT_EQ(parse_type("datetime"), Type::timestamp(false));
  EXPECT_EQ(parse_type("TIMESTAMPTZ"), Type::timestamp(true));
  EXPECT_EQ(parse_type("numeric(12)"), Type::decimal(12, 0));
  EXPECT_EQ(parse_type("Decimal( 12 , 2 )"), Type::decimal(12, 2));
  EXPECT_EQ(parse_type("decimal"), Type::of(Kind::kNumber));
  for (const char* wrong : {"", "decimal(39,0)", "decimal(2,3)", "decimal(0)", "decimal(a)",
                            "decimal(1,2,3)", "decimal(-1)", "varchar(20)", "intt", "decimal(5"}) {
    EXPECT_EQ(parse_type(wrong), std::nullopt) << wrong;
  }
  EXPECT_THROW(Type::decimal(5, 6), base::Error);
}

TEST(Schema, FindsByExactName) {
  const Schema schema{{{"id", Type::of(Kind::kInt64), false}, {"Id", Type{}, true}}};
  EXPECT_EQ(schema.find("Id"), 1U);
  EXPECT_EQ(schema.find("ID"), std::nullopt);
}

TEST(Column, Int64WithNulls) {
  ColumnBuilder builder(Type::of(Kind::kInt64));
  for (int i = 0; i < 1000; ++i) {
    if (i % 7 == 3) {
      builder.append_null();
    } else {
      builder.append_int64(i * std::int64_t{1} << 40);
    }
  }
  const std::size_t promised = builder.footprint();
  const ColumnPtr column = builder.finish();
  EXPECT_EQ(column->footprint(), promised);
  ASSERT_EQ(column->size(), 1000U);
  EXPECT_EQ(column->null_count(), 143U);
  EXPECT_EQ(column->values().size(), 8000U);
  EXPECT_EQ(column->validity().size(), 125U);
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(column->is_null(i), i % 7 == 3);
    EXPECT_EQ(column->int64_at(i), i % 7 == 3 ? 0 : static_cast<std::int64_t>(i) << 40);
  }
  EXPECT_EQ(builder.size(), 0U) << "an empty column of the same type is begun";
  builder.append_int64(5);
  EXPECT_EQ(builder.finish()->int64_at(0), 5);
  EXPECT_EQ(column->int64_at(1), std::int64_t{1} << 40) << "the column given away stays";
}

TEST(Column, TextOffsets) {
  ColumnBuilder builder(Type::of(Kind::kText), 2);
  builder.append_bytes("ab");
  builder.append_null();
  builder.append_bytes("");
  builder.append_bytes(std::string_view("c\0d", 3));
  const ColumnPtr column = builder.finish();
  EXPECT_EQ(column->offsets(), (std::vector<std::int32_t>{0, 2, 2, 2, 5}));
  EXPECT_EQ(column->bytes(), std::string("abc\0d", 5));
  EXPECT_EQ(column->bytes_at(3), std::string_view("c\0d", 3));
  EXPECT_TRUE(column->is_null(1));
  EXPECT_FALSE(column->is_null(2)) << "an empty text is no NULL";
}

TEST(Column, EmptyColumnHasOneOffset) {
  const ColumnPtr column = ColumnBuilder(Type::of(Kind::kText)).finish();
  EXPECT_EQ(column->offsets(), std::vector<std::int32_t>{0});
  EXPECT_EQ(column->size(), 0U);
  EXPECT_TRUE(ColumnBuilder(Type::of(Kind::kInt64)).finish()->values().empty());
}

TEST(Column, BitsAndWideValues) {
  ColumnBuilder bools(Type::of(Kind::kBool));
  for (int i = 0; i < 100; ++i) bools.append_bool(i % 3 == 0);
  const ColumnPtr bits = bools.finish();
  EXPECT_EQ(bits->values().size(), 13U);
  EXPECT_TRUE(bits->validity().empty());
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(bits->bool_at(i), i % 3 == 0);

  ColumnBuilder decimals(Type::decimal(38, 2));
  decimals.append_decimal(-(power_of_ten(38) - 1));
  decimals.append_null();
  const ColumnPtr wide = decimals.finish();
  EXPECT_EQ(wide->decimal_at(0), -(power_of_ten(38) - 1));
  EXPECT_EQ(wide->decimal_at(1), Int128{0}) << "zero under a NULL";

  ColumnBuilder uuids(Type::of(Kind::kUuid));
  uuids.append_bytes("0123456789abcdef");
  EXPECT_THROW(uuids.append_bytes("short"), base::Error);
  EXPECT_EQ(uuids.finish()->bytes_at(0), "0123456789abcdef");
}

TEST(Column, AWrongLayoutIsABug) {
  ColumnBuilder numbers(Type::of(Kind::kInt64));
  EXPECT_THROW(numbers.append_float64(1), base::Error);
  EXPECT_THROW(numbers.append_bytes("1"), base::Error);
  EXPECT_THROW(numbers.append_date(1), base::Error);
  ColumnBuilder texts(Type::of(Kind::kText));
  EXPECT_THROW(texts.append_int64(1), base::Error);
  const ColumnPtr column = texts.finish();
  EXPECT_THROW(numbers.append_from(*column, 0), base::Error);
  EXPECT_EQ(numbers.size(), 0U);
}

ColumnPtr rebuilt(const Column& column) {
  return ColumnBuilder::from_buffers(column.type(), column.size(), column.validity(),
                                     column.values(), column.offsets(), column.bytes());
}

TEST(Column, BuffersReadBack) {
  ColumnBuilder builder(Type::of(Kind::kText));
  for (const char* text : {"a", "bc", ""}) builder.append_bytes(text);
  builder.append_null();
  const ColumnPtr column = builder.finish();
  const ColumnPtr again = rebuilt(*column);
  EXPECT_EQ(again->null_count(), 1U);
  EXPECT_EQ(again->bytes_at(1), "bc");
  EXPECT_TRUE(again->is_null(3));
}

TEST(Column, BrokenBuffersAreRefused) {
  const Type text = Type::of(Kind::kText);
  const auto broken = [](Type type, std::size_t rows, std::vector<std::uint8_t> validity,
                         std::vector<std::uint8_t> values, std::vector<std::int32_t> offsets,
                         std::string bytes) {
    try {
      ColumnBuilder::from_buffers(type, rows, std::move(validity), std::move(values),
                                  std::move(offsets), std::move(bytes));
    } catch (const base::Error& error) {
      return error.code() == "E503";
    }
    return false;
  };
  EXPECT_FALSE(broken(text, 2, {}, {}, {0, 1, 2}, "ab"));
  EXPECT_TRUE(broken(text, 2, {}, {}, {0, 2}, "ab")) << "too few offsets";
  EXPECT_TRUE(broken(text, 2, {}, {}, {1, 1, 2}, "ab")) << "does not begin at 0";
  EXPECT_TRUE(broken(text, 2, {}, {}, {0, 3, 2}, "ab")) << "backwards";
  EXPECT_TRUE(broken(text, 2, {}, {}, {0, 1, 3}, "ab")) << "beyond the bytes";
  EXPECT_TRUE(broken(text, 2, {1, 1}, {}, {0, 1, 2}, "ab")) << "validity too long";
  EXPECT_TRUE(broken(text, 2, {}, {1}, {0, 1, 2}, "ab")) << "values in a text column";
  EXPECT_TRUE(broken(Type::of(Kind::kDate), 2, {}, std::vector<std::uint8_t>(7), {}, ""));
  EXPECT_TRUE(broken(Type::of(Kind::kDate), 0, {}, {}, {0}, ""));
}

Batch sample_batch() {
  ColumnBuilder ids(Type::of(Kind::kInt64));
  ColumnBuilder names(Type::of(Kind::kText));
  for (int i = 0; i < 10; ++i) {
    ids.append_int64(i);
    if (i == 4) {
      names.append_null();
    } else {
      names.append_bytes(std::string(static_cast<std::size_t>(i), 'x'));
    }
  }
  Batch batch;
  batch.schema = std::make_shared<const Schema>(
      Schema{{{"id", Type::of(Kind::kInt64), false}, {"name", Type::of(Kind::kText), true}}});
  batch.columns = {ids.finish(), names.finish()};
  batch.rows = 10;
  batch.errors = {
      {2, "name", "E404", "r", "v"}, {4, "id", "E404", "r", "v"}, {4, "name", "E403", "r", "v"}};
  return batch;
}

TEST(Batch, TakeReordersRowsAndErrors) {
  const Batch taken = take(sample_batch(), {9, 4, 0});
  ASSERT_EQ(taken.rows, 3U);
  EXPECT_EQ(taken.column(0).int64_at(0), 9);
  EXPECT_EQ(taken.column(1).bytes_at(0), "xxxxxxxxx");
  EXPECT_TRUE(taken.column(1).is_null(1));
  EXPECT_EQ(taken.column(1).bytes_at(2), "");
  ASSERT_EQ(taken.errors.size(), 2U);
  EXPECT_EQ(taken.errors[0].row, 1U);
  EXPECT_EQ(taken.errors[0].column, "id");
  EXPECT_EQ(taken.errors[1].column, "name");
}

TEST(Batch, FootprintCountsEverything) {
  Batch batch = sample_batch();
  const std::size_t with_errors = batch.footprint();
  batch.errors.clear();
  EXPECT_LT(batch.footprint(), with_errors);
  EXPECT_EQ(batch.footprint(), batch.column(0).footprint() + batch.column(1).footprint());
}

}  // namespace
}  // namespace engine::data
