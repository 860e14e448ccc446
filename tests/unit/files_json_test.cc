#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "connectors/files/json_split.h"
#include "connectors/files/row_reader.h"
#include "connectors/files/row_sink.h"
#include "data/value_text.h"

/// NDJSON and JSON arrays by themselves: bytes in, rows or cells out.
namespace engine::connectors::files {
namespace {

using data::Kind;
using data::Type;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

/// "line: text" of each row.
Lines records_of(const std::string& bytes, bool array) {
  Window window(bytes_input(bytes));
  JsonRecords records(window, array, "x");
  Lines out;
  while (records.next()) {
    out.push_back(std::to_string(records.line()) + ": " + std::string(records.text()));
  }
  return out;
}

std::string error_of(const std::string& bytes) {
  try {
    records_of(bytes, true);
  } catch (const base::Error& error) {
    return error.code() + " " + error.message();
  }
  return "no error";
}

TEST(JsonRecords, LinesAreRows) {
  EXPECT_THAT(records_of("{\"a\":1}\n\n  \r\n {\"a\":2} \r\n{\"a\":3}", false),
              ElementsAre("1: {\"a\":1}", "4: {\"a\":2}", "5: {\"a\":3}"));
  EXPECT_TRUE(records_of("", false).empty());
}

TEST(JsonRecords, ElementsOfAnArrayAreRows) {
  EXPECT_THAT(records_of(" [ {\"a\":\"]},\\\"\"} ,\n{\"b\":[1,{\"c\":2}]}\n, 7 ]\n", true),
              ElementsAre("1: {\"a\":\"]},\\\"\"}", "2: {\"b\":[1,{\"c\":2}]}", "3: 7"));
  EXPECT_TRUE(records_of("[]", true).empty());
  std::string many = "[";
  for (int i = 0; i < 100'000; ++i)
    many += (i > 0 ? ",\n" : "") + ("{\"id\": " + std::to_string(i));
  EXPECT_EQ(error_of(many), "E422 'x' line 1: the file ends within the array");
}

TEST(JsonRecords, WhatIsNoArraySaysSo) {
  EXPECT_EQ(error_of(""), "E424 'x' line 1: it holds nothing, not even an array");
  EXPECT_EQ(error_of("{}"), "E424 'x' line 1: it does not start with an array");
  EXPECT_EQ(error_of("[1,\n2"), "E422 'x' line 2: the file ends within the array");
  EXPECT_EQ(error_of("[1,]"), "E424 'x' line 1: a comma stands before the end of the array");
  EXPECT_EQ(error_of("[,1]"), "E424 'x' line 1: a comma stands where a row is expected");
  EXPECT_EQ(error_of("[1] 2"), "E424 'x' line 1: something stands behind the array");
  EXPECT_EQ(error_of("[{\"a\": \"x]"), "E422 'x' line 1: the file ends within the array");
}

/// Cells as value texts, errors as "code column: reason".
Lines rows_of(const std::string& bytes, const data::Schema& wanted, bool every = true) {
  plan::FileShape shape;
  shape.every_attribute = every;
  Layout layout{plan::FileFormat::kNdjson, {}, {}, ""};
  for (const data::Field& field : wanted.fields) layout.columns.push_back(field.name);
  const auto rows = json_rows(shape, layout, "x", bytes_input(bytes), wanted);
  RowSink sink(wanted);
  while (rows->row(sink)) continue;
  const data::Batch batch = sink.finish();
  Lines out;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    std::string line;
    for (const auto& column : batch.columns) {
      if (!line.empty()) line += '|';
      line += column->is_null(row) ? "NULL" : data::value_text(*column, row);
    }
    out.push_back(line);
  }
  for (const data::RowError& error : batch.errors) {
    out.push_back(error.code + " " + error.column + ": " + error.reason);
  }
  return out;
}

data::Schema one(Kind kind) {
  return {{{"a", Type::of(kind), true}}};
}

TEST(JsonRows, NumbersKeepTheirDigits) {
  EXPECT_THAT(
      rows_of("{\"a\": 1234567890123456789012.10}\n{\"a\":1e400}\n{\"a\":-0}", one(Kind::kText)),
      ElementsAre("1234567890123456789012.10", "1e400", "-0"));
  EXPECT_THAT(rows_of("{\"a\":9007199254740993}\n{\"a\":1.0}\n{\"a\":\"12\"}", one(Kind::kInt64)),
              ElementsAre("9007199254740993", "NULL", "12",
                          "E403 a: not a value of type int64 (x line 2)"));
}

TEST(JsonRows, NestedValuesAndStringsStayJson) {
  EXPECT_THAT(
      rows_of("{\"a\": {\"b\" : [1.50, null]} }\n{\"a\":\"x\\\"\"}\n{\"a\":null}\n{}\n{\"a\":true}",
              one(Kind::kJson)),
      ElementsAre("{\"b\" : [1.50, null]}", "\"x\\\"\"", "NULL", "NULL", "true"));
  EXPECT_THAT(rows_of("{\"a\":[1, 2]}\n{\"a\":\"\\u00fc\\n\"}\n{\"a\":false}", one(Kind::kText)),
              ElementsAre("[1, 2]", "\xc3\xbc\n", "false"));
}

TEST(JsonRows, WhatIsWrongWithARow) {
  EXPECT_THAT(
      rows_of("{\"a\":1,\"a\":2}\n[1]\n{\"a\":tru}\n{\"a\":01}\n{\"a\":\"\\x\"}\n{\"a\":1} {}\n"
              "{\"a\":\n{\"b\":1}\n{\"a\":\"\xff\"}\n{\"a\":[1,}",
              one(Kind::kText)),
      ElementsAre(testing::_, testing::_, testing::_, testing::_, testing::_, testing::_,
                  testing::_, testing::_, testing::_, testing::_,
                  "E424 : attribute 'a' stands there twice (x line 1)",
                  "E424 : no JSON object (x line 2)", "E424 : no valid JSON (x line 3)",
                  "E424 : no valid JSON (x line 4)", "E424 : no valid JSON (x line 5)",
                  "E424 : more than one JSON value (x line 6)", "E424 : no valid JSON (x line 7)",
                  HasSubstr("E425 : attribute 'b' has no column"),
                  "E424 : no valid JSON (x line 9)", "E424 : no valid JSON (x line 10)"));
  EXPECT_THAT(rows_of("{\"b\":1,\"a\":2}", one(Kind::kText), false), ElementsAre("2"));
}

}  // namespace
}  // namespace engine::connectors::files
