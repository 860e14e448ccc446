#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <stdexcept>
#include <thread>

#include "base/error.h"
#include "run/row_queue.h"
#include "run/stop.h"
#include "unit/support/stage_rows.h"

namespace engine::run {
namespace {

data::Batch rows_of(const std::string& text) {
  return stages::test::batch(stages::test::schema("v text"), {{text}});
}

std::string text_of(const data::Batch& batch) {
  return std::string(batch.column(0).bytes_at(0));
}

TEST(RowQueue, BatchesComeOutAsTheyWentIn) {
  RowQueue queue(1 << 20);
  for (const char* text : {"a", "b", "c"}) EXPECT_TRUE(queue.push(rows_of(text)));
  queue.finish();
  data::Batch batch;
  std::string seen;
  while (queue.next(batch)) seen += text_of(batch);
  EXPECT_EQ(seen, "abc");
  EXPECT_FALSE(queue.next(batch));
}

TEST(RowQueue, AFullQueueHoldsItsProducerBack) {
  const data::Batch big = rows_of(std::string(1000, 'x'));
  RowQueue queue(big.footprint() * 2);
  std::atomic<int> pushed = 0;
  std::thread producer([&] {
    for (int i = 0; i < 20; ++i) {
      queue.push(big);
      ++pushed;
    }
    queue.finish();
  });
  data::Batch batch;
  int taken = 0;
  while (queue.next(batch)) {
    ++taken;
    EXPECT_LE(pushed, taken + 2);
  }
  producer.join();
  EXPECT_EQ(taken, 20);
}

TEST(RowQueue, ABatchLargerThanTheQueuePassesAlone) {
  RowQueue queue(1);
  EXPECT_TRUE(queue.push(rows_of("larger than a byte")));
  data::Batch batch;
  EXPECT_TRUE(queue.next(batch));
}

TEST(RowQueue, AnErrorComesAfterTheBatchesBeforeIt) {
  RowQueue queue(1 << 20);
  queue.push(rows_of("a"));
  queue.fail(std::make_exception_ptr(std::runtime_error("the source broke")));
  data::Batch batch;
  EXPECT_TRUE(queue.next(batch));
  EXPECT_THROW(queue.next(batch), std::runtime_error);
}

TEST(RowQueue, AnAbandonedQueueLetsItsProducerGo) {
  RowQueue queue(1);
  EXPECT_TRUE(queue.push(rows_of("fills it")));
  std::thread consumer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    queue.abandon();
  });
  EXPECT_FALSE(queue.push(rows_of("waits, then is refused")));
  EXPECT_FALSE(queue.push(rows_of("refused at once")));
  consumer.join();
}

TEST(Stop, NamesItsSignal) {
  Stop stop;
  EXPECT_NO_THROW(stop.check());
  stop.ask(SIGTERM);
  try {
    stop.check();
    FAIL() << "nothing was thrown";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.code(), "E509");
    EXPECT_THAT(error.message(), ::testing::HasSubstr("Terminated"));
  }
}

}  // namespace
}  // namespace engine::run
