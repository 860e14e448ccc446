#include "state/key_spool.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <thread>
#include <tuple>

#include "base/error.h"
#include "unit/support/temporary_folder.h"

namespace engine::state {
namespace {

constexpr std::uint64_t kPlenty = std::uint64_t{1} << 30;

base::Hash128 hash_of(std::uint64_t key) {
  return base::hash128(std::to_string(key));
}

class KeySpools : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  std::unique_ptr<KeySpool> spool(const std::vector<std::uint64_t>& keys, const char* name) {
    auto out = std::make_unique<KeySpool>(
        budget_, Scratch{.folder = folder_.path(), .name = name, .max_memory = 2 << 20});
    for (std::size_t i = 0; i < keys.size(); ++i) out->add(hash_of(keys[i]), i);
    out->finish();
    return out;
  }
  testing::TemporaryFolder folder_;
  base::MemoryBudget budget_{GetParam()};
};

// With no budget at all a spool holds its floor (43690 keys) and spills the rest.
INSTANTIATE_TEST_SUITE_P(HeldAndSpilled, KeySpools, ::testing::Values(kPlenty, 0));

std::vector<std::uint64_t> random_keys(std::size_t count, std::uint32_t below, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i < count; ++i) keys.push_back(random() % below);
  return keys;
}

TEST_P(KeySpools, NamesEveryRepeatOfAKeyWithItsFirstRow) {
  const auto keys = random_keys(150000, 140000, 1);
  const auto spooled = spool(keys, "keys");
  EXPECT_EQ(spooled->size(), keys.size());
  std::map<std::uint64_t, std::uint64_t> first;
  std::set<std::pair<std::uint64_t, std::uint64_t>> expected;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!first.emplace(keys[i], i).second) expected.emplace(first[keys[i]], i);
  }
  std::set<std::pair<std::uint64_t, std::uint64_t>> found;
  spooled->duplicates([&](std::uint64_t earlier, std::uint64_t later, const base::Hash128& hash) {
    EXPECT_EQ(hash, hash_of(keys[earlier]));
    EXPECT_TRUE(found.emplace(earlier, later).second);
  });
  EXPECT_EQ(found, expected);
}

TEST_P(KeySpools, NamesTheRowsWhoseKeyNoParentHas) {
  const auto children = random_keys(120000, 100000, 2);
  const auto some = random_keys(90000, 100000, 3);
  const auto more = random_keys(100, 100000, 4);
  const auto child = spool(children, "child");
  const auto parent = spool(some, "parent");
  const auto other = spool(more, "other");
  std::set<std::uint64_t> known(some.begin(), some.end());
  known.insert(more.begin(), more.end());
  std::set<std::uint64_t> expected;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (!known.contains(children[i])) expected.insert(i);
  }
  std::set<std::uint64_t> found;
  const std::array<const KeySpool*, 2> parents = {parent.get(), other.get()};
  child->missing_in(parents, [&](std::uint64_t row) { EXPECT_TRUE(found.insert(row).second); });
  EXPECT_EQ(found, expected);
  EXPECT_FALSE(expected.empty());
}

TEST_P(KeySpools, NothingIsMissingInItself) {
  const auto keys = spool(random_keys(100000, 1000000, 5), "keys");
  keys->missing_in(*keys, [](std::uint64_t row) { ADD_FAILURE() << row; });
}

TEST_P(KeySpools, KnowsWhatItHolds) {
  const auto keys = spool({5, 6, 7}, "keys");
  EXPECT_TRUE(keys->contains(hash_of(6)));
  EXPECT_FALSE(keys->contains(hash_of(8)));
}

TEST_P(KeySpools, AnEmptyOneMissesEverything) {
  const auto none = spool({}, "none");
  const auto keys = spool({1, 2}, "keys");
  std::size_t missing = 0;
  keys->missing_in(*none, [&](std::uint64_t) { ++missing; });
  EXPECT_EQ(missing, 2U);
  none->duplicates([](auto, auto, const auto&) { ADD_FAILURE(); });
}

TEST_P(KeySpools, ManyThreadsMayAskAFinishedOne) {
  const auto keys = spool(random_keys(100000, 1000000, 6), "keys");
  std::vector<std::thread> threads;
  std::atomic<int> missing = 0;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { keys->missing_in(*keys, [&](std::uint64_t) { ++missing; }); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(missing, 0);
}

TEST(KeySpool, GivesMemoryAndFilesBack) {
  const testing::TemporaryFolder folder;
  base::MemoryBudget budget(1 << 20);
  {
    KeySpool spool(budget, {.folder = folder.path(), .name = "k", .max_memory = kPlenty});
    for (std::uint64_t i = 0; i < 100000; ++i) spool.add(hash_of(i), i);
    spool.finish();
    EXPECT_GT(spool.spilled_bytes(), 0U);
    EXPECT_FALSE(std::filesystem::is_empty(folder.path()));
  }
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(KeySpool, ADamagedScratchFileIsNoticed) {
  const testing::TemporaryFolder folder;
  base::MemoryBudget budget(0);
  KeySpool spool(budget, {.folder = folder.path(), .name = "k", .max_memory = kPlenty});
  for (std::uint64_t i = 0; i < 100000; ++i) spool.add(hash_of(i), i);
  spool.finish();
  std::FILE* file = std::fopen((folder.path() / "k.0").c_str(), "r+b");
  ASSERT_NE(file, nullptr);
  std::fseek(file, 1000, SEEK_SET);
  std::fputc('x', file);
  std::fputc('y', file);
  std::fclose(file);
  try {
    spool.duplicates([](auto, auto, const auto&) {});
    FAIL() << "the damage went unnoticed";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E503");
  }
}

}  // namespace
}  // namespace engine::state
