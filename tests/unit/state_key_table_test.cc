#include "state/key_table.h"

#include <gtest/gtest.h>

#include "unit/support/temporary_folder.h"

namespace engine::state {
namespace {

base::Hash128 hash_of(std::uint64_t key) {
  return base::hash128(std::to_string(key));
}

TEST(KeyTable, SaysOfEveryKeyWhetherItIsThere) {
  testing::TemporaryFolder folder;
  base::MemoryBudget budget(std::uint64_t{64} << 20);
  KeySpool spool(budget, Scratch{.folder = folder.path(), .name = "keys"});
  for (std::uint64_t i = 0; i < 100'000; ++i) spool.add(hash_of(i % 70'000), i);
  spool.finish();
  const std::uint64_t used = budget.used();
  const auto table = KeyTable::of(spool, budget);
  ASSERT_NE(table, nullptr);
  EXPECT_GT(budget.used(), used);
  std::vector<base::Hash128> asked;
  for (std::uint64_t i = 0; i < 140'000; ++i) asked.push_back(hash_of(i));
  asked.push_back({});
  std::vector<std::uint8_t> found;
  table->look_up(asked, found);
  ASSERT_EQ(found.size(), asked.size());
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], i < 70'000 ? 1 : 0) << i;
}

TEST(KeyTable, TheKeyThatLooksLikeAFreeSlot) {
  testing::TemporaryFolder folder;
  base::MemoryBudget budget(std::uint64_t{64} << 20);
  KeySpool spool(budget, Scratch{.folder = folder.path(), .name = "keys"});
  spool.add({}, 0);
  spool.finish();
  std::vector<std::uint8_t> found;
  const std::vector<base::Hash128> asked = {base::Hash128{}, hash_of(1)};
  KeyTable::of(spool, budget)->look_up(asked, found);
  EXPECT_EQ(found, (std::vector<std::uint8_t>{1, 0}));
}

TEST(KeyTable, IsNotMadeWhereTheBudgetHasNoRoom) {
  testing::TemporaryFolder folder;
  base::MemoryBudget budget(0);
  KeySpool spool(budget, Scratch{.folder = folder.path(), .name = "keys"});
  spool.add(hash_of(1), 0);
  spool.finish();
  EXPECT_EQ(KeyTable::of(spool, budget), nullptr);
}

}  // namespace
}  // namespace engine::state
