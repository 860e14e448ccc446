#include "state/block_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "data/key.h"
#include "unit/support/temporary_folder.h"

namespace engine::state {
namespace {

using data::Kind;
using data::Type;

std::shared_ptr<const data::Schema> every_type() {
  auto schema = std::make_shared<data::Schema>();
  for (const auto& type :
       {Type::of(Kind::kBool), Type::of(Kind::kInt64), Type::of(Kind::kFloat64),
        Type::decimal(20, 4), Type::of(Kind::kNumber), Type::of(Kind::kDate), Type::of(Kind::kTime),
        Type::timestamp(true), Type::timestamp(false), Type::of(Kind::kText),
        Type::of(Kind::kBytes), Type::of(Kind::kUuid), Type::of(Kind::kJson)}) {
    schema->fields.push_back({.name = "c" + std::to_string(schema->size()), .type = type});
  }
  return schema;
}

void append_cell(data::ColumnBuilder& builder, std::int64_t seed) {
  if (seed % 5 == 0) return builder.append_null();
  switch (builder.type().kind) {
    case Kind::kBool:
      return builder.append_bool(seed % 2 == 0);
    case Kind::kFloat64:
      return builder.append_float64(static_cast<double>(seed) * -0.1);
    case Kind::kDecimal:
      return builder.append_decimal(data::Int128{seed} << 70);
    case Kind::kDate:
      return builder.append_date(static_cast<std::int32_t>(-seed));
    case Kind::kUuid:
      return builder.append_bytes(std::string(16, static_cast<char>(seed)));
    default:
      break;
  }
  if (!builder.type().is_variable()) return builder.append_int64(seed * -1000003);
  builder.append_bytes(std::to_string(seed) + std::string("\0x", 2));
}

data::Batch rows_of(const std::shared_ptr<const data::Schema>& schema, std::int64_t first,
                    std::size_t rows) {
  data::Batch batch{.schema = schema, .columns = {}, .rows = rows, .errors = {}};
  for (std::size_t c = 0; c < schema->size(); ++c) {
    data::ColumnBuilder builder(schema->fields[c].type);
    for (std::size_t r = 0; r < rows; ++r) {
      append_cell(builder, first + static_cast<std::int64_t>(r + c));
    }
    batch.columns.push_back(builder.finish());
  }
  return batch;
}

void expect_same(const data::Batch& a, const data::Batch& b) {
  ASSERT_EQ(a.rows, b.rows);
  ASSERT_EQ(*a.schema, *b.schema);
  for (std::size_t c = 0; c < a.columns.size(); ++c) {
    for (std::size_t r = 0; r < a.rows; ++r) {
      ASSERT_TRUE(data::cells_equal(a.column(c), r, b.column(c), r)) << c << ' ' << r;
    }
  }
}

class BlockFile : public ::testing::TestWithParam<Compress> {
 protected:
  std::filesystem::path path() const { return folder_.path() / "rows"; }
  void write_three_blocks() {
    BlockWriter writer(path(), schema_, GetParam());
    for (const std::int64_t first : {0, 100, 200}) writer.write(rows_of(schema_, first, 100));
    writer.finish();
  }
  testing::TemporaryFolder folder_;
  std::shared_ptr<const data::Schema> schema_ = every_type();
};

INSTANTIATE_TEST_SUITE_P(Both, BlockFile, ::testing::Values(Compress::kNo, Compress::kZstd));

TEST_P(BlockFile, GivesEveryTypeBackInOrder) {
  write_three_blocks();
  BlockReader reader(path());
  EXPECT_EQ(reader.rows(), 300U);
  EXPECT_EQ(reader.blocks(), 3U);
  data::Batch batch;
  for (const std::int64_t first : {0, 100, 200}) {
    ASSERT_TRUE(reader.next(batch));
    expect_same(batch, rows_of(schema_, first, 100));
  }
  EXPECT_FALSE(reader.next(batch));
  reader.rewind();
  EXPECT_TRUE(reader.next(batch));
}

TEST_P(BlockFile, IsPrivate) {
  write_three_blocks();
  struct ::stat facts = {};
  ASSERT_EQ(::stat(path().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0600U);
}

TEST_P(BlockFile, FindsARowByItsNumber) {
  write_three_blocks();
  BlockReader reader(path());
  const auto place = reader.place_of(217);
  EXPECT_EQ(place.block, 2U);
  EXPECT_EQ(place.row, 17U);
  EXPECT_EQ(reader.place_of(0).block, 0U);
  EXPECT_EQ(reader.place_of(99).block, 0U);
  EXPECT_EQ(reader.place_of(100).block, 1U);
  connect::ChangeBatch block;
  reader.read_block(place.block, block);
  expect_same(block.rows, rows_of(schema_, 200, 100));
  EXPECT_THROW(reader.place_of(300), base::Error);
}

TEST_P(BlockFile, KeepsOperationsAndRowErrors) {
  connect::ChangeBatch changes{rows_of(schema_, 7, 3),
                               {connect::Op::kInsert, connect::Op::kUpdate, connect::Op::kDelete}};
  changes.rows.errors.push_back(
      {.row = 1, .column = "c2", .code = "E403", .reason = "why", .value = "x"});
  {
    BlockWriter writer(path(), schema_, GetParam());
    writer.write(changes);
    writer.finish();
  }
  BlockReader reader(path());
  connect::ChangeBatch back;
  ASSERT_TRUE(reader.next(back));
  EXPECT_EQ(back.ops, changes.ops);
  ASSERT_EQ(back.rows.errors.size(), 1U);
  EXPECT_EQ(back.rows.errors[0].row, 1U);
  EXPECT_EQ(back.rows.errors[0].column, "c2");
  EXPECT_EQ(back.rows.errors[0].code, "E403");
  EXPECT_EQ(back.rows.errors[0].reason, "why");
  EXPECT_EQ(back.rows.errors[0].value, "x");
}

std::string code_of(const std::filesystem::path& path) {
  try {
    BlockReader reader(path);
    data::Batch batch;
    while (reader.next(batch)) {
    }
  } catch (const base::Error& error) {
    return error.code();
  }
  return "none";
}

void overwrite(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void change_byte(const std::filesystem::path& path, std::size_t at, char byte) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(at)).put(byte);
}

TEST_P(BlockFile, NoticesEveryChangedByte) {
  {
    BlockWriter writer(path(), schema_, GetParam());
    writer.write(rows_of(schema_, 1, 3));
    writer.finish();
  }
  const std::string good = base::read_file(path());
  std::size_t harmless = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    change_byte(path(), i, static_cast<char>(good[i] ^ 0x20));
    const auto code = code_of(path());
    change_byte(path(), i, good[i]);
    // Only padding between the parts and the trailer's own reserved words may change unseen.
    if (code == "none")
      ++harmless;
    else
      EXPECT_TRUE(code == "E503" || code == "E504") << code << " at byte " << i;
  }
  EXPECT_LE(harmless, 7U + 7U + 8U);
}

TEST_P(BlockFile, RefusesAFileThatEndsTooEarly) {
  write_three_blocks();
  const std::string good = base::read_file(path());
  for (std::size_t length = 0; length < good.size(); length += 97) {
    overwrite(path(), good.substr(0, length));
    EXPECT_EQ(code_of(path()), "E503") << length;
  }
}

TEST_P(BlockFile, RefusesALaterVersion) {
  write_three_blocks();
  std::string bytes = base::read_file(path());
  bytes[8] = 9;
  overwrite(path(), bytes);
  EXPECT_EQ(code_of(path()), "E504");
}

TEST_P(BlockFile, AnUnfinishedFileIsNoFile) {
  {
    BlockWriter(path(), schema_, GetParam()).write(rows_of(schema_, 0, 10));
  }
  EXPECT_EQ(code_of(path()), "E503");
}

TEST_P(BlockFile, HoldsNoRowsToo) {
  {
    BlockWriter writer(path(), schema_, GetParam());
    writer.write(rows_of(schema_, 0, 0));
    writer.finish();
  }
  BlockReader reader(path());
  EXPECT_EQ(reader.rows(), 0U);
  EXPECT_EQ(reader.blocks(), 0U);
  EXPECT_EQ(*reader.schema(), *schema_);
}

}  // namespace
}  // namespace engine::state
