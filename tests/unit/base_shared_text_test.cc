#include "base/shared_text.h"

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

namespace engine::base {
namespace {

TEST(SharedText, CopiesShareTheBytes) {
  const SharedText first("plans/crm.yaml");
  const SharedText second = first;
  EXPECT_EQ(second.text(), "plans/crm.yaml");
  EXPECT_EQ(first.text().data(), second.text().data());
  EXPECT_EQ(second, SharedText("plans/crm.yaml"));
  EXPECT_FALSE(second == SharedText("other"));
}

TEST(SharedText, OutlivesTheFirstHolder) {
  SharedText kept;
  EXPECT_TRUE(kept.empty());
  EXPECT_EQ(kept.text(), "");
  {
    SharedText first("some text that no small string holds");
    kept = first;
    first = SharedText("other");
  }
  EXPECT_EQ(kept.text(), "some text that no small string holds");
  const SharedText moved = std::move(kept);
  EXPECT_EQ(moved.text(), "some text that no small string holds");
}

TEST(SharedText, IsCopiedAndDroppedOnManyThreads) {
  const SharedText text("plans/crm.yaml");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([text] {
      for (int n = 0; n < 1000; ++n) {
        const std::vector<SharedText> copies(10, text);
        EXPECT_EQ(copies.back(), text);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(text.text(), "plans/crm.yaml");
}

}  // namespace
}  // namespace engine::base
