#include "state/id_map.h"

#include <gtest/gtest.h>

#include <zstd.h>

#include "base/error.h"
#include "data/value_text.h"
#include "unit/support/temporary_folder.h"

namespace engine::state {
namespace {

data::ColumnPtr texts(const std::vector<std::string>& values) {
  data::ColumnBuilder builder(data::Type::of(data::Kind::kText));
  for (const std::string& value : values) {
    if (value == "NULL") {
      builder.append_null();
    } else {
      builder.append_bytes(value);
    }
  }
  return builder.finish();
}

data::Batch batch_of(std::vector<data::ColumnPtr> columns) {
  data::Batch batch;
  batch.rows = columns.front()->size();
  batch.columns = std::move(columns);
  return batch;
}

std::string unpacked(const std::filesystem::path& path) {
  const std::string file = base::read_file(path);
  std::string text;
  for (std::size_t at = 0; at < file.size();) {
    const std::size_t frame = ZSTD_findFrameCompressedSize(file.data() + at, file.size() - at);
    std::string lines(ZSTD_getFrameContentSize(file.data() + at, frame), '\0');
    ZSTD_decompress(lines.data(), lines.size(), file.data() + at, frame);
    text += lines;
    at += frame;
  }
  return text;
}

class IdMaps : public ::testing::Test {
 protected:
  std::unique_ptr<IdMapPart> part(const std::string& name, const std::string& table) {
    return std::make_unique<IdMapPart>(folder_.path() / name, table, budget_,
                                       Scratch{.folder = folder_.path(), .name = name + ".keys"});
  }
  testing::TemporaryFolder folder_;
  base::MemoryBudget budget_{std::uint64_t{8} << 20};
};

TEST_F(IdMaps, TablesStandBehindEachOtherUnderOneHead) {
  const auto first = part("a", "people");
  first->add(batch_of({texts({"1", "x", "2", "3"}), texts({"a", "b,c", "d\"e", "NULL"})}), {0, 1},
             {0, 2, 3}, batch_of({texts({"i1", "i2", "NULL"})}), 0);
  first->finish();
  const auto second = part("b", "a,b");
  second->add(batch_of({texts({"1"}), texts({""})}), {0, 1}, {0}, batch_of({texts({"i1"})}), 0);
  second->finish();
  join_id_map(folder_.path() / "map", {"no", "name"}, {folder_.path() / "a", folder_.path() / "b"});
  EXPECT_EQ(unpacked(folder_.path() / "map"),
            "table,no,name,new_id\npeople,1,a,i1\npeople,2,\"d\"\"e\",i2\n\"a,b\",1,\"\",i1\n");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "a"));
}

// Enough rows for several frames and for keys that do not fit into memory at once.
TEST_F(IdMaps, ManyKeysOfWhichSomeCameTwice) {
  const auto map = part("a", "t");
  constexpr int kRows = 100'000;
  for (int first = 0; first < kRows; first += 1000) {
    std::vector<std::string> keys, ids;
    std::vector<std::uint32_t> rows;
    for (int i = first; i < first + 1000; ++i) {
      keys.push_back(std::to_string(i % 60'000));
      ids.push_back("id " + keys.back());
      rows.push_back(static_cast<std::uint32_t>(rows.size()));
    }
    map->add(batch_of({texts(keys)}), {0}, rows, batch_of({texts(ids)}), 0);
  }
  map->finish();
  const std::string text = unpacked(folder_.path() / "a");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 60'000);
  EXPECT_NE(text.find("t,59999,id 59999\n"), std::string::npos);
}

TEST_F(IdMaps, TwoKeysWithOneIdAreBothNamed) {
  const auto map = part("a", "people");
  map->add(batch_of({texts({"1", "2", "2", "3"})}), {0}, {0, 1, 2, 3},
           batch_of({texts({"x", "y", "y", "x"})}), 0);
  try {
    map->finish();
    FAIL();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E426");
    EXPECT_EQ(error.message(), "the source keys 1 and 3 of people have one id: x");
  }
}

}  // namespace
}  // namespace engine::state
