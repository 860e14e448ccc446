#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include "run/scheduler.h"

namespace engine::run {
namespace {

using std::chrono::milliseconds;

/// Tasks that write down when they ran.
class Diary {
 public:
  Task task(std::size_t name, std::vector<std::size_t> after = {}, bool good = true) {
    Task task;
    task.after = std::move(after);
    task.work = [this, name, good] {
      begin(name);
      std::this_thread::sleep_for(milliseconds(2));
      --running_;
      return good;
    };
    return task;
  }

  std::vector<std::size_t> order() const { return order_; }
  int most_at_once() const { return most_; }

 private:
  void begin(std::size_t name) {
    const std::lock_guard lock(mutex_);
    order_.push_back(name);
    most_ = std::max(most_, ++running_);
  }

  std::mutex mutex_;
  std::vector<std::size_t> order_;
  std::atomic<int> running_ = 0;
  int most_ = 0;
};

Limits limits(std::size_t workers, std::size_t capacity = 100) {
  return {workers, [capacity](const std::string&) { return capacity; }};
}

std::string ends_text(const std::vector<TaskEnd>& ends) {
  std::string out;
  for (const TaskEnd end : ends) {
    out += end == TaskEnd::kSucceeded ? 's' : end == TaskEnd::kFailed ? 'f' : '-';
  }
  return out;
}

TEST(Scheduler, ChildrenRunAfterTheirParents) {
  for (const std::size_t workers : {1U, 4U}) {
    Diary diary;
    const std::vector<Task> tasks = {diary.task(0, {1, 2}), diary.task(1, {3}), diary.task(2, {3}),
                                     diary.task(3)};
    EXPECT_EQ(ends_text(run_tasks(tasks, limits(workers), Stop())), "ssss");
    EXPECT_EQ(diary.order().front(), 3U);
    EXPECT_EQ(diary.order().back(), 0U);
  }
}

TEST(Scheduler, IndependentTasksRunSideBySide) {
  std::mutex mutex;
  std::condition_variable both;
  int met = 0;
  Task task;
  task.work = [&] {
    std::unique_lock lock(mutex);
    ++met;
    both.notify_all();
    return both.wait_for(lock, std::chrono::seconds(20), [&] { return met == 2; });
  };
  EXPECT_EQ(ends_text(run_tasks({task, task}, limits(2), Stop())), "ss");
}

TEST(Scheduler, ATokenIsHeldByNoMoreThanItsCapacity) {
  for (const std::size_t capacity : {1U, 2U}) {
    Diary diary;
    std::vector<Task> tasks;
    for (std::size_t i = 0; i < 8; ++i) {
      tasks.push_back(diary.task(i));
      tasks.back().tokens = {"source"};
    }
    EXPECT_EQ(ends_text(run_tasks(tasks, limits(8, capacity), Stop())), "ssssssss");
    EXPECT_LE(diary.most_at_once(), static_cast<int>(capacity));
  }
}

TEST(Scheduler, AFailureLeavesOnlyItsDependentsUndone) {
  Diary diary;
  const std::vector<Task> tasks = {diary.task(0, {}, false), diary.task(1, {0}), diary.task(2, {1}),
                                   diary.task(3), diary.task(4, {3})};
  EXPECT_EQ(ends_text(run_tasks(tasks, limits(2), Stop())), "f--ss");
}

TEST(Scheduler, TheLongestRemainingPathGoesFirst) {
  Diary diary;
  std::vector<Task> tasks = {diary.task(0), diary.task(1), diary.task(2, {1})};
  tasks[0].weight = 5;
  tasks[1].weight = 1;
  tasks[2].weight = 9;
  run_tasks(tasks, limits(1), Stop());
  EXPECT_EQ(diary.order(), (std::vector<std::size_t>{1, 2, 0}));
}

TEST(Scheduler, AfterAStopNothingNewStarts) {
  Stop stop;
  Diary diary;
  std::vector<Task> tasks = {diary.task(0), diary.task(1, {0}), diary.task(2, {1})};
  const auto work = tasks[1].work;
  tasks[1].work = [&] {
    stop.ask(SIGTERM);
    return work();
  };
  EXPECT_EQ(ends_text(run_tasks(tasks, limits(3), stop)), "ss-");
}

TEST(Scheduler, NothingToDoEnds) {
  EXPECT_TRUE(run_tasks({}, limits(4), Stop()).empty());
}

TEST(Scheduler, ManyTasksOnManyThreads) {
  std::vector<Task> tasks(500);
  std::atomic<int> done = 0;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (i > 0) tasks[i].after = {(i - 1) / 2, i - 1 - (i - 1) % 7};
    tasks[i].work = [&done] { return ++done > 0; };
  }
  run_tasks(tasks, limits(8), Stop());
  EXPECT_EQ(done, 500);
}

}  // namespace
}  // namespace engine::run
