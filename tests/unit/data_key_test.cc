#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "data/key.h"
#include "data/row_digest.h"
#include "data/value_text.h"

namespace engine::data {
namespace {

/// A batch of one column; a nullptr is NULL.
Batch column_of(const char* type, const std::vector<const char*>& texts) {
  ColumnBuilder builder(parse_type(type).value());
  for (const char* text : texts) {
    if (text == nullptr) {
      builder.append_null();
    } else {
      EXPECT_TRUE(append_parsed(builder, text)) << type << " " << text;
    }
  }
  Batch batch;
  batch.schema = std::make_shared<const Schema>(Schema{{{"k", builder.type(), true}}});
  batch.rows = builder.size();
  batch.columns = {builder.finish()};
  return batch;
}

/// Puts the columns of one-column batches side by side.
Batch side_by_side(const std::vector<Batch>& parts, const std::vector<std::string>& names) {
  Batch batch;
  Schema schema;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    schema.fields.push_back({names[i], parts[i].column(0).type(), true});
    batch.columns.push_back(parts[i].columns[0]);
    batch.rows = parts[i].rows;
  }
  batch.schema = std::make_shared<const Schema>(schema);
  return batch;
}

void expect_ascending(const char* type, const std::vector<const char*>& texts) {
  const Batch batch = column_of(type, texts);
  for (std::size_t i = 1; i < batch.rows; ++i) {
    EXPECT_LT(key_of(batch, {0}, i - 1), key_of(batch, {0}, i)) << type << " row " << i;
  }
}

TEST(Key, OrderOfBytesIsOrderOfValues) {
  expect_ascending("bool", {nullptr, "false", "true"});
  expect_ascending("int64",
                   {nullptr, "-9223372036854775808", "-1", "0", "1", "256", "9223372036854775807"});
  expect_ascending("float64", {nullptr, "-inf", "-1.5", "-1", "-5e-324", "0", "5e-324", "1",
                               "1e300", "inf", "nan"});
  expect_ascending("decimal(38,2)", {nullptr, "-100000000000000000000", "-0.01", "0", "0.01", "99",
                                     "100000000000000000000"});
  expect_ascending("date", {nullptr, "0001-01-01", "1969-12-31", "1970-01-01", "9999-12-31"});
  expect_ascending("time", {"00:00", "00:00:00.000001", "23:59"});
  expect_ascending("timestamp", {nullptr, "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"});
  expect_ascending("text", {nullptr, "", "A", "a", "a\x01", "aa", "b", "\xC3\xA9"});
  expect_ascending("bytes",
                   {"\\x", "\\x00", "\\x0000", "\\x0001", "\\x00ff", "\\x01", "\\xff", "\\xff00"});
  expect_ascending("uuid", {nullptr, "00000000-0000-0000-0000-000000000001",
                            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"});
  expect_ascending("number", {nullptr, "-1000",  "-999.5", "-12",   "-1.25", "-1.2", "-1", "-0.5",
                              "-0.05", "-0.001", "0",      "0.001", "0.05",  "0.5",  "1",  "1.2",
                              "1.25",  "12",     "100",    "999.5", "1000",  "1e30"});
}

TEST(Key, LayoutIsFixed) {
  EXPECT_EQ(base::hex(key_of(column_of("int64", {"1"}), {0}, 0)), "018000000000000001");
  EXPECT_EQ(base::hex(key_of(column_of("int64", {nullptr}), {0}, 0)), "00");
  EXPECT_EQ(base::hex(key_of(column_of("bytes", {"\\x6100"}), {0}, 0)), "016100ff0000");
  EXPECT_EQ(base::hex(key_of(column_of("number", {"12.5"}), {0}, 0)), "01038000000231323500");
  EXPECT_EQ(base::hex(key_of(column_of("number", {"0.05"}), {0}, 0)), "01037fffffff3500");
  EXPECT_EQ(base::hex(key_of(column_of("number", {"-1000"}), {0}, 0)), "01017ffffffbceff");
}

TEST(Key, FloatsOfOneValueHaveOneKey) {
  const Batch batch = column_of("float64", {"0", "-0"});
  EXPECT_EQ(key_of(batch, {0}, 0), key_of(batch, {0}, 1));
}

TEST(Key, CompositeKeysDoNotRunTogether) {
  const Batch batch = side_by_side(
      {column_of("text", {"a", "ab", nullptr}), column_of("text", {"bc", "c", "x"})}, {"x", "y"});
  EXPECT_NE(key_of(batch, {0, 1}, 0), key_of(batch, {0, 1}, 1));
  EXPECT_LT(key_of(batch, {0, 1}, 0), key_of(batch, {0, 1}, 1));
  EXPECT_FALSE(key_has_null(batch, {0, 1}, 0));
  EXPECT_TRUE(key_has_null(batch, {0, 1}, 2));
  EXPECT_FALSE(key_has_null(batch, {1}, 2));
}

TEST(Key, TextForMessages) {
  const std::string many(150, 'x');
  const Batch batch = side_by_side({column_of("text", {"P0100", nullptr, "a\nb", many.c_str()}),
                                    column_of("int64", {"1", "2", "3", "4"})},
                                   {"code", "n"});
  EXPECT_EQ(key_text(batch, {0, 1}, 0), "code=P0100, n=1");
  EXPECT_EQ(key_text(batch, {1, 0}, 1), "n=2, code=NULL");
  EXPECT_EQ(key_text(batch, {0}, 2), "code=a\\x0ab");
  EXPECT_EQ(key_text(batch, {0}, 3), "code=" + many.substr(0, 100) + "...");
}

TEST(Key, CellsEqual) {
  const Batch text = column_of("text", {"a", "b", nullptr, "a"});
  EXPECT_TRUE(cells_equal(text.column(0), 0, text.column(0), 3));
  EXPECT_FALSE(cells_equal(text.column(0), 0, text.column(0), 1));
  EXPECT_FALSE(cells_equal(text.column(0), 0, text.column(0), 2));
  EXPECT_TRUE(cells_equal(text.column(0), 2, text.column(0), 2));
  const Batch floats = column_of("float64", {"0", "-0", "nan"});
  EXPECT_FALSE(cells_equal(floats.column(0), 0, floats.column(0), 1)) << "as bits";
  EXPECT_TRUE(cells_equal(floats.column(0), 2, floats.column(0), 2));
  const Batch wide = column_of("decimal(38,0)", {"18446744073709551616", "0"});
  EXPECT_FALSE(cells_equal(wide.column(0), 0, wide.column(0), 1));
}

std::vector<base::Hash128> hashes(const Batch& batch, const std::vector<std::size_t>& columns) {
  std::vector<base::Hash128> out;
  row_hashes(batch, columns, out);
  return out;
}

TEST(RowDigest, BytesAreAsWrittenDown) {
  const Batch batch =
      side_by_side({column_of("int64", {"1"}), column_of("text", {"ab"}),
                    column_of("bool", {nullptr}), column_of("date", {"1970-01-02"})},
                   {"a", "b", "c", "d"});
  const std::string bytes(
      "\x02\x08\0\0\0\x01\0\0\0\0\0\0\0"
      "\x07\x02\0\0\0ab"
      "\0\0\0\0\0"
      "\x02\x08\0\0\0\x01\0\0\0\0\0\0\0",
      13 + 7 + 5 + 13);
  EXPECT_EQ(hashes(batch, {0, 1, 2, 3})[0], base::hash128(bytes));
  EXPECT_EQ(hashes(batch, {1})[0], base::hash128(bytes.substr(13, 7)));
}

TEST(RowDigest, DifferentRowsDiffer) {
  const Batch batch = side_by_side({column_of("text", {"a", "ab", "", nullptr, "a"}),
                                    column_of("text", {"bc", "c", nullptr, "", "bc"})},
                                   {"x", "y"});
  const auto rows = hashes(batch, {0, 1});
  ASSERT_EQ(rows.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(rows[i], rows[j]) << i << " " << j;
  }
  EXPECT_EQ(rows[0], rows[4]);
  EXPECT_NE(rows[0], hashes(batch, {1, 0})[0]) << "the order of columns counts";
}

TEST(RowDigest, LongRowsGrowTheBuffer) {
  const std::string text(100'000, 'x');
  const Batch batch = column_of("text", {"a", text.c_str()});
  std::string bytes("\x07\xA0\x86\x01\0", 5);
  EXPECT_EQ(hashes(batch, {0})[1], base::hash128(bytes + text));
}

TEST(RowDigest, AnEmptyBatchHasNone) {
  EXPECT_TRUE(hashes(column_of("text", {}), {0}).empty());
}

}  // namespace
}  // namespace engine::data
