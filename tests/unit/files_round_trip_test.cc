#include <gtest/gtest.h>

#include <filesystem>

#include "base/error.h"
#include "base/random.h"
#include "connectors/files/row_reader.h"
#include "connectors/files/row_sink.h"
#include "connectors/files/row_writer.h"
#include "data/value.h"

/// Every type through every format, compressed or not: what was written is read.
namespace engine::connectors::files {
namespace {

namespace fs = std::filesystem;
using data::Kind;
using data::Type;
using data::Value;
using Lines = std::vector<std::string>;

struct TypeCase {
  Type type;
  Lines values;
};

std::vector<TypeCase> type_cases() {
  return {
      {Type::of(Kind::kBool), {"true", "false"}},
      {Type::of(Kind::kInt64), {"0", "-9223372036854775808", "9007199254740993"}},
      {Type::of(Kind::kFloat64), {"0", "-0", "0.1", "5e-324", "NaN", "-Infinity", "1e300"}},
      {Type::decimal(12, 2), {"0.00", "-9999999999.99"}},
      {Type::of(Kind::kNumber), {"12345678901234567.89", "-0.001"}},
      {Type::of(Kind::kDate), {"0001-01-01", "9999-12-31"}},
      {Type::of(Kind::kTime), {"00:00:00", "23:59:59.999999"}},
      {Type::timestamp(true), {"2024-01-31T08:00:00Z", "1969-12-31T23:59:59.000001Z"}},
      {Type::timestamp(false), {"2024-01-31T08:00:00"}},
      {Type::of(Kind::kText),
       {"", " ", "NULL", "\\N", "a,b;c\td|e", "\"", "\"\"x", "'y'", "\r", "\n", "\r\n", "\\",
        "\xef\xbb\xbfmark",
        "Gr\xc3\xbc\xc3\x9f"
        "e",
        std::string("a\0b", 3), "null", "007"}},
      {Type::of(Kind::kBytes), {"\\x", "\\x00ff2c22"}},
      {Type::of(Kind::kUuid), {"123e4567-e89b-12d3-a456-426614174000"}},
      {Type::of(Kind::kJson), {"{\"a\": 1.50, \"b\": \"x,y\"}", "12", "\"x\"", "[]", "true"}},
  };
}

class RoundTrip : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  /// The values of one column, NULL last, written and read again.
  Lines through(const std::string& name, const plan::FileShape& shape, const TypeCase& test) {
    const data::Schema schema{{{"v", test.type, true}}};
    data::ColumnBuilder builder(test.type);
    for (const std::string& text : test.values) {
      data::append_value(builder, data::parse_value(test.type, text).value());
    }
    builder.append_null();
    data::Batch rows;
    rows.rows = builder.size();
    rows.columns.push_back(builder.finish());
    const fs::path path = folder_ / name;
    fs::remove(path);
    const auto output = create_output(path, name, std::nullopt);
    const auto writer = write_rows(shape, name, schema, *output);
    writer->write(rows);
    writer->finish();
    output->finish();
    return read(path, name, shape, schema);
  }

  static Lines read(const fs::path& path, const std::string& name, const plan::FileShape& shape,
                    const data::Schema& schema) {
    const DataFile file{path, name};
    const Layout layout = lay_out(shape, name, open_input(file));
    const auto reader = open_rows(shape, layout, name, open_input(file), schema);
    RowSink sink(schema);
    while (reader->row(sink)) continue;
    const data::Batch batch = sink.finish();
    Lines out;
    for (std::size_t row = 0; row < batch.rows; ++row) {
      out.push_back(data::value_text(data::value_at(batch.column(0), row)));
    }
    for (const data::RowError& error : batch.errors) out.push_back(error.code + error.reason);
    return out;
  }

  fs::path folder_ = fs::temp_directory_path() / ("engine-round-" + base::random_hex(8));
};

Lines expected_of(const TypeCase& test) {
  Lines out;
  for (const std::string& text : test.values) {
    out.push_back(data::value_text(data::parse_value(test.type, text).value()));
  }
  out.push_back("NULL");
  return out;
}

TEST_F(RoundTrip, EveryTypeThroughEveryFormat) {
  for (const char* format : {"csv", "tsv", "ndjson", "json"}) {
    for (const char* packed : {"", ".gz", ".zst"}) {
      const std::string name = std::string("t.") + format + packed;
      for (const TypeCase& test : type_cases()) {
        EXPECT_EQ(through(name, {}, test), expected_of(test))
            << name << " " << data::type_name(test.type);
      }
    }
  }
}

TEST_F(RoundTrip, EveryDialect) {
  for (const char delimiter : {',', ';', '\t', '|', ' '}) {
    for (const char quote : {'"', '\''}) {
      plan::FileShape shape;
      shape.delimiter = delimiter;
      shape.quote = quote;
      for (const TypeCase& test : type_cases()) {
        EXPECT_EQ(through("t.csv", shape, test), expected_of(test)) << delimiter << quote;
        shape.null_text = "NULL";
        EXPECT_EQ(through("t.csv", shape, test), expected_of(test)) << delimiter << quote;
        shape.null_text.reset();
      }
    }
  }
}

TEST_F(RoundTrip, WithoutAHeader) {
  plan::FileShape shape;
  shape.header = false;
  for (const TypeCase& test : type_cases()) {
    shape.columns.assign(1, {});
    shape.columns[0].name.text = "v";
    shape.columns[0].type = test.type;
    EXPECT_EQ(through("t.csv", shape, test), expected_of(test)) << data::type_name(test.type);
  }
}

TEST_F(RoundTrip, AJsonNullIsRefusedWhereItWouldBecomeNull) {
  const TypeCase test{Type::of(Kind::kJson), {"null"}};
  EXPECT_EQ(through("t.csv", {}, test), expected_of(test));
  EXPECT_THROW(through("t.ndjson", {}, test), base::Error);
}

TEST_F(RoundTrip, CompressedDataThatEndsEarlyIsAnError) {
  TypeCase test{Type::of(Kind::kText), {}};
  for (int i = 0; i < 3000; ++i) test.values.push_back(std::to_string(i * 7919) + "x");
  for (const std::string name : {"t.csv.gz", "t.csv.zst"}) {
    ASSERT_EQ(through(name, {}, test).size(), 3001U);
    const auto size = fs::file_size(folder_ / name);
    for (const std::uintmax_t left : {std::uintmax_t{0}, std::uintmax_t{5}, size / 2, size - 1}) {
      through(name, {}, test);
      fs::resize_file(folder_ / name, left);
      try {
        read(folder_ / name, name, {}, {{{"v", test.type, true}}});
        FAIL() << name << " of " << left << " bytes was read";
      } catch (const base::Error& error) {
        EXPECT_EQ(error.code(), "E422") << left;
      }
    }
  }
}

}  // namespace
}  // namespace engine::connectors::files
