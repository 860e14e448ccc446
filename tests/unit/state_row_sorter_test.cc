#include "state/row_sorter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <tuple>

#include "unit/support/temporary_folder.h"

namespace engine::state {
namespace {

using data::Kind;
using data::Type;

struct Row {
  std::optional<std::int64_t> key;
  std::optional<std::string> text;
  std::int64_t number = 0;  ///< as it came
};

std::shared_ptr<const data::Schema> schema() {
  static const auto kSchema = std::make_shared<const data::Schema>(
      data::Schema{{{.name = "key", .type = Type::of(Kind::kInt64)},
                    {.name = "text", .type = Type::of(Kind::kText)},
                    {.name = "number", .type = Type::of(Kind::kInt64)}}});
  return kSchema;
}

data::Batch batch_of(const std::vector<Row>& rows, std::size_t from, std::size_t to) {
  data::ColumnBuilder keys(Type::of(Kind::kInt64));
  data::ColumnBuilder texts(Type::of(Kind::kText));
  data::ColumnBuilder numbers(Type::of(Kind::kInt64));
  data::Batch batch{.schema = schema(), .columns = {}, .rows = to - from, .errors = {}};
  for (std::size_t i = from; i < to; ++i) {
    rows[i].key ? keys.append_int64(*rows[i].key) : keys.append_null();
    rows[i].text ? texts.append_bytes(*rows[i].text) : texts.append_null();
    numbers.append_int64(rows[i].number);
    if (rows[i].number % 100 == 0) {
      batch.errors.push_back({.row = static_cast<std::uint32_t>(i - from),
                              .column = "text",
                              .code = "E403",
                              .reason = "why",
                              .value = std::to_string(rows[i].number)});
    }
  }
  batch.columns = {keys.finish(), texts.finish(), numbers.finish()};
  return batch;
}

std::vector<Row> random_rows(std::size_t count) {
  std::mt19937 random(7);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < count; ++i) {
    Row row;
    if (random() % 20 != 0) row.key = static_cast<std::int64_t>(random() % 500) - 250;
    if (random() % 5 != 0) row.text = std::string(random() % 4, static_cast<char>(random() % 3));
    row.number = static_cast<std::int64_t>(i);
    rows.push_back(row);
  }
  return rows;
}

struct Sorted {
  std::vector<std::int64_t> numbers;
  std::vector<std::string> error_values;
  std::uint64_t spilled = 0;
};

Sorted sort(const std::vector<Row>& rows, const SortSpec& spec, std::uint64_t memory,
            const std::filesystem::path& folder, std::uint64_t max_memory = 64 << 20) {
  base::MemoryBudget budget(memory);
  Sorted out;
  {
    RowSorter sorter(spec, budget, {.folder = folder, .name = "s", .max_memory = max_memory});
    for (std::size_t from = 0; from < rows.size(); from += 1000) {
      sorter.add(batch_of(rows, from, std::min(rows.size(), from + 1000)));
    }
    sorter.finish();
    data::Batch batch;
    while (sorter.next(batch)) {
      for (std::size_t i = 0; i < batch.rows; ++i) {
        out.numbers.push_back(batch.column(2).int64_at(i));
      }
      for (const auto& error : batch.errors) {
        EXPECT_EQ(std::to_string(batch.column(2).int64_at(error.row)), error.value);
        out.error_values.push_back(error.value);
      }
    }
    EXPECT_EQ(sorter.rows(), rows.size());
    out.spilled = sorter.spilled_bytes();
  }
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  return out;
}

/// The order the sorter promises, said once more in plain words.
std::vector<std::int64_t> expected(std::vector<Row> rows, bool by_text, bool descending) {
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    if (a.key != b.key) return a.key < b.key;  // nullopt first
    if (!by_text || a.text == b.text) return a.number < b.number;
    if (!a.text || !b.text) return a.text.has_value();
    return descending ? *a.text > *b.text : *a.text < *b.text;
  });
  std::vector<std::int64_t> numbers;
  for (const auto& row : rows) numbers.push_back(row.number);
  return numbers;
}

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 30;

TEST(RowSorter, SortsByKeyAndKeepsTheOrderOfEquals) {
  const testing::TemporaryFolder folder;
  const auto rows = random_rows(5000);
  const auto sorted = sort(rows, {.key = {0}, .order = {}}, kPlenty, folder.path());
  EXPECT_EQ(sorted.numbers, expected(rows, false, false));
  EXPECT_EQ(sorted.error_values.size(), 50U);
  EXPECT_EQ(sorted.spilled, 0U);
}

TEST(RowSorter, SortsEqualKeysByTheSecondOrderWithNullsLast) {
  const testing::TemporaryFolder folder;
  const auto rows = random_rows(3000);
  for (const bool descending : {false, true}) {
    const SortSpec spec{.key = {0}, .order = {{.column = 1, .descending = descending}}};
    EXPECT_EQ(sort(rows, spec, kPlenty, folder.path()).numbers, expected(rows, true, descending));
  }
}

TEST(RowSorter, SpillsWhatTheBudgetRefusesAndSortsTheSame) {
  const testing::TemporaryFolder folder;
  const auto rows = random_rows(300000);
  const SortSpec spec{.key = {0}, .order = {{.column = 1, .descending = true}}};
  const auto sorted = sort(rows, spec, 1 << 20, folder.path());
  EXPECT_GT(sorted.spilled, 0U);
  EXPECT_EQ(sorted.numbers, expected(rows, true, true));
  EXPECT_EQ(sorted.error_values.size(), 3000U);
}

TEST(RowSorter, MergesMoreRunsThanItReadsAtOnce) {
  const testing::TemporaryFolder folder;
  std::vector<Row> rows = random_rows(150000);
  for (auto& row : rows) row.text = std::string(900, static_cast<char>('a' + row.number % 26));
  const auto sorted = sort(rows, {.key = {0}, .order = {}}, 0, folder.path());
  EXPECT_EQ(sorted.numbers, expected(rows, false, false));
}

// What comes in order is passed on as it came, until a row comes that belongs before: in memory,
// and behind rows that had no room there.
TEST(RowSorter, RowsInOrderStaySoUntilOneIsNot) {
  const testing::TemporaryFolder folder;
  for (const std::uint64_t memory : {kPlenty, std::uint64_t{1} << 20}) {
    std::vector<Row> rows = random_rows(100000);
    for (auto& row : rows) {
      row.key = row.number / 3;
      row.text = std::string(50, 'a');
    }
    const SortSpec spec{.key = {0}, .order = {}};
    const auto straight = sort(rows, spec, memory, folder.path());
    EXPECT_EQ(straight.numbers, expected(rows, false, false));
    EXPECT_EQ(straight.error_values.size(), 1000U);
    EXPECT_EQ(straight.spilled > 0, memory != kPlenty);
    for (const std::size_t late : {std::size_t{1500}, std::size_t{99990}}) {
      std::vector<Row> broken = rows;
      for (std::size_t i = late; i < late + 5; ++i) broken[i].key = std::nullopt;
      const auto sorted = sort(broken, spec, memory, folder.path());
      EXPECT_EQ(sorted.numbers, expected(broken, false, false)) << late;
      EXPECT_EQ(sorted.error_values.size(), 1000U);
    }
  }
}

TEST(RowSorter, NothingIsSortedToNothing) {
  const testing::TemporaryFolder folder;
  EXPECT_TRUE(sort({}, {.key = {0}, .order = {}}, kPlenty, folder.path()).numbers.empty());
}

}  // namespace
}  // namespace engine::state
