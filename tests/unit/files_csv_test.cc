#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "connectors/files/csv_records.h"
#include "connectors/files/csv_sniff.h"
#include "connectors/files/row_reader.h"
#include "connectors/files/row_sink.h"
#include "data/value_text.h"

/// The CSV codec by itself: bytes in, records or cells out.
namespace engine::connectors::files {
namespace {

using data::Kind;
using data::Type;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

/// Hands out a few bytes at a time, so that every record is cut somewhere.
class Drops final : public ByteInput {
 public:
  Drops(std::string bytes, std::size_t size) : bytes_(std::move(bytes)), size_(size) {}
  std::size_t read(char* into, std::size_t size) override {
    const std::size_t count = std::min({size, size_, bytes_.size() - at_});
    std::copy_n(bytes_.data() + at_, count, into);
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t size_, at_ = 0;
};

/// "line: a|b|c" of each record; a quoted field stands in brackets.
Lines records_of(const std::string& bytes, CsvDialect dialect = {}) {
  Window window(std::make_unique<Drops>(bytes, 7));
  CsvRecords records(window, dialect, "x.csv");
  Lines out;
  while (records.next()) {
    std::string line = std::to_string(records.line()) + ": ";
    for (const CsvField& field : records.fields()) {
      if (&field != &records.fields().front()) line += '|';
      const std::string text(records.text(field));
      line += field.quoted ? "[" + text + "]" : text;
    }
    out.push_back(line + (records.malformed() ? " malformed" : ""));
  }
  return out;
}

std::string error_of(const std::string& bytes) {
  try {
    records_of(bytes);
  } catch (const base::Error& error) {
    return error.code() + " " + error.message();
  }
  return "no error";
}

TEST(CsvRecords, EveryLineEndAndNoneAtTheEnd) {
  EXPECT_THAT(records_of("a,b\n1,2\n"), ElementsAre("1: a|b", "2: 1|2"));
  EXPECT_THAT(records_of("a,b\r\n1,2\r\n"), ElementsAre("1: a|b", "2: 1|2"));
  EXPECT_THAT(records_of("a,b\r1,2\r"), ElementsAre("1: a|b", "2: 1|2"));
  EXPECT_THAT(records_of("a,b\n1,2"), ElementsAre("1: a|b", "2: 1|2"));
  EXPECT_THAT(records_of("a,b\n1,"), ElementsAre("1: a|b", "2: 1|"));
  EXPECT_THAT(records_of("a\n\nb\n"), ElementsAre("1: a", "2: ", "3: b"));
  EXPECT_TRUE(records_of("").empty());
}

TEST(CsvRecords, QuotesAndWhatStandsInThem) {
  EXPECT_THAT(records_of("\"a,b\",\"c\"\"d\",\"\"\n"), ElementsAre("1: [a,b]|[c\"d]|[]"));
  EXPECT_THAT(records_of("\"1\n2\r\n3\r4\",x\ny,z\n"),
              ElementsAre("1: [1\n2\r\n3\r4]|x", "5: y|z"));
  EXPECT_THAT(records_of("it\"s,a \"b\" c\n"), ElementsAre("1: it\"s|a \"b\" c"));
  EXPECT_THAT(records_of("\"\"\"\"\n"), ElementsAre("1: [\"]"));
  EXPECT_THAT(records_of("\"a\""), ElementsAre("1: [a]"));
  EXPECT_THAT(records_of("'a;b';c\n", {';', '\''}), ElementsAre("1: [a;b]|c"));
}

TEST(CsvRecords, TextBehindAClosingQuoteIsSaid) {
  EXPECT_THAT(records_of("\"a\"b,c\nd,e\n"), ElementsAre("1: [a]|c malformed", "2: d|e"));
  EXPECT_THAT(records_of("\"a\" \"b\",c\n"), ElementsAre("1: [a]|c malformed"));
}

TEST(CsvRecords, AnOpenQuoteNamesItsLine) {
  EXPECT_EQ(error_of("a,b\n1,\"2\n3,4\n"),
            "E421 'x.csv': the quote opened in the record of line 2 is never closed");
}

TEST(CsvRecords, TheByteOrderMarkIsNoText) {
  EXPECT_THAT(records_of("\xef\xbb\xbf"
                         "a,b\n"),
              ElementsAre("1: a|b"));
  EXPECT_THAT(error_of(std::string("\xff\xfe"
                                   "a\0",
                                   4)),
              HasSubstr("E406 'x.csv' is UTF-16"));
}

TEST(CsvRecords, FieldsOfAnyLength) {
  const std::string huge(3'000'000, 'x');
  const Lines lines = records_of("a,\"" + huge + "\n\"\n" + huge + ",b\n");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], "1: a|[" + huge + "\n]");
  EXPECT_EQ(lines[1], "3: " + huge + "|b");
}

Sniffed sniffed(const std::string& bytes) {
  return sniff(bytes, true, {});
}

TEST(CsvSniff, TheDelimiterThatMostRecordsAgreeOn) {
  EXPECT_EQ(sniffed("a,b\n1,2\n").dialect.delimiter, ',');
  EXPECT_EQ(sniffed("a;b\n1,5;2,5\n").dialect.delimiter, ';');
  EXPECT_EQ(sniffed("a\tb\n1,2\t3\n").dialect.delimiter, '\t');
  EXPECT_EQ(sniffed("a|b|c\n1|2|3\n").dialect.delimiter, '|');
  EXPECT_EQ(sniffed("a\n1;2\n").dialect.delimiter, ',');
  EXPECT_EQ(sniffed("a,b\n\"x;y\",2\n3\n4,5\n").dialect.delimiter, ',');
}

TEST(CsvSniff, SingleQuotesOnlyWhereTheyStandAroundFields) {
  EXPECT_EQ(sniffed("a,b\n'x','y,z'\n").dialect.quote, '\'');
  EXPECT_EQ(sniffed("a,b\n'tis,it's\n").dialect.quote, '"');
  EXPECT_EQ(sniffed("a,b\n\"x\",'y'\n\"x\",'z'\n").dialect.quote, '"');
}

/// Cells as value texts, "NULL" for NULL; errors as "code column: reason".
Lines rows_of(const std::string& bytes, const plan::FileShape& shape, const data::Schema& wanted) {
  const Layout layout = lay_out_csv(shape, "x.csv", bytes_input(bytes));
  const auto rows = csv_rows(shape, layout, "x.csv", std::make_unique<Drops>(bytes, 5), wanted);
  RowSink sink(wanted);
  while (rows->row(sink)) continue;
  const data::Batch batch = sink.finish();
  Lines out;
  for (std::size_t row = 0; row < batch.rows; ++row) {
    std::string line;
    for (const auto& column : batch.columns) {
      if (!line.empty()) line += '|';
      line += column->is_null(row) ? "NULL" : "'" + data::value_text(*column, row) + "'";
    }
    out.push_back(line);
  }
  for (const data::RowError& error : batch.errors) {
    out.push_back(error.code + " " + error.column + ": " + error.reason + ": " + error.value);
  }
  return out;
}

data::Schema two_texts() {
  return {{{"a", Type::of(Kind::kText), true}, {"b", Type::of(Kind::kText), true}}};
}

TEST(CsvRows, AnUnquotedEmptyFieldIsNull) {
  EXPECT_THAT(rows_of("a,b\n,\"\"\nNULL,\"NULL\"\n", {}, two_texts()),
              ElementsAre("NULL|''", "'NULL'|'NULL'"));
  plan::FileShape shape;
  shape.null_text = "NULL";
  EXPECT_THAT(rows_of("a,b\n,\"\"\nNULL,\"NULL\"\n", shape, two_texts()),
              ElementsAre("''|''", "NULL|'NULL'"));
}

TEST(CsvRows, CellsAreReadAsTheirTypes) {
  const data::Schema typed{
      {{"b", Type::of(Kind::kInt64), true}, {"a", Type::of(Kind::kDate), true}}};
  EXPECT_THAT(rows_of("a,c,b\n2024-02-29,x,-12\n2024-02-30,x,007\n,x,1e3\n", {}, typed),
              ElementsAre("'-12'|'2024-02-29'", "'7'|NULL", "NULL|NULL",
                          "E403 a: not a value of type date (x.csv line 3): 2024-02-30",
                          "E403 b: not a value of type int64 (x.csv line 4): 1e3"));
}

TEST(CsvRows, RaggedRowsAndBadBytesNameTheirLine) {
  EXPECT_THAT(rows_of("a,b\n1\n1,2,3\nx,y\xff\n\n4,5\n", {}, two_texts()),
              ElementsAre("NULL|NULL", "NULL|NULL", "'x'|NULL", "'4'|'5'",
                          "E420 : 1 field instead of 2 (x.csv line 2): ",
                          "E420 : 3 fields instead of 2 (x.csv line 3): ",
                          "E406 b: not UTF-8 (x.csv line 4): y?"));
}

TEST(CsvRows, OneColumnHasEmptyLinesAsRows) {
  const data::Schema one{{{"a", Type::of(Kind::kText), true}}};
  EXPECT_THAT(rows_of("a\n1\n\n\"\"\n", {}, one), ElementsAre("'1'", "NULL", "''"));
}

}  // namespace
}  // namespace engine::connectors::files
