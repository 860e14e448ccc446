#include "run/scheduler.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace engine::run {
namespace {

enum class Phase { kWaiting, kRunning, kSucceeded, kFailed };

class Schedule {
 public:
  Schedule(const std::vector<Task>& tasks, const Limits& limits, const Stop& stop)
      : tasks_(tasks),
        limits_(limits),
        stop_(stop),
        phases_(tasks.size(), Phase::kWaiting),
        paths_(tasks.size(), -1) {
    std::vector<std::vector<std::size_t>> children(tasks.size());
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      for (const std::size_t parent : tasks[task].after) children[parent].push_back(task);
    }
    for (std::size_t task = 0; task < tasks.size(); ++task) measure(task, children);
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      const std::size_t task = choose();
      if (task == tasks_.size()) {
        if (running_ == 0) break;
        changed_.wait(lock);
        continue;
      }
      start(task);
      lock.unlock();
      const bool good = tasks_[task].work();
      lock.lock();
      end(task, good);
    }
    changed_.notify_all();
  }

  std::vector<TaskEnd> ends() const {
    std::vector<TaskEnd> ends;
    for (const Phase phase : phases_) {
      ends.push_back(phase == Phase::kSucceeded ? TaskEnd::kSucceeded
                     : phase == Phase::kFailed  ? TaskEnd::kFailed
                                                : TaskEnd::kNotRun);
    }
    return ends;
  }

 private:
  /// The longest path of weights from a task to an end.
  double measure(std::size_t task, const std::vector<std::vector<std::size_t>>& children) {
    if (paths_[task] >= 0) return paths_[task];
    double longest = 0;
    for (const std::size_t child : children[task])
      longest = std::max(longest, measure(child, children));
    return paths_[task] = longest + tasks_[task].weight;
  }

  bool ready(std::size_t task) const {
    if (phases_[task] != Phase::kWaiting) return false;
    const auto& after = tasks_[task].after;
    if (!std::all_of(after.begin(), after.end(),
                     [&](std::size_t parent) { return phases_[parent] == Phase::kSucceeded; })) {
      return false;
    }
    return std::all_of(tasks_[task].tokens.begin(), tasks_[task].tokens.end(),
                       [&](const std::string& token) {
                         const auto held = held_.find(token);
                         return held == held_.end() || held->second < limits_.capacity(token);
                       });
  }

  std::size_t choose() const {
    std::size_t best = tasks_.size();
    if (stop_.asked()) return best;
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      if (ready(task) && (best == tasks_.size() || paths_[task] > paths_[best])) best = task;
    }
    return best;
  }

  void start(std::size_t task) {
    phases_[task] = Phase::kRunning;
    ++running_;
    for (const std::string& token : tasks_[task].tokens) ++held_[token];
  }

  void end(std::size_t task, bool good) {
    phases_[task] = good ? Phase::kSucceeded : Phase::kFailed;
    --running_;
    for (const std::string& token : tasks_[task].tokens) --held_[token];
    changed_.notify_all();
  }

  const std::vector<Task>& tasks_;
  const Limits& limits_;
  const Stop& stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Phase> phases_;
  std::vector<double> paths_;
  std::map<std::string, std::size_t> held_;
  std::size_t running_ = 0;
};

}  // namespace

std::vector<TaskEnd> run_tasks(const std::vector<Task>& tasks, const Limits& limits,
                               const Stop& stop) {
  Schedule schedule(tasks, limits, stop);
  const std::size_t workers = std::max<std::size_t>(1, std::min(limits.workers, tasks.size()));
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < workers; ++i) threads.emplace_back([&] { schedule.work(); });
  schedule.work();
  for (std::thread& thread : threads) thread.join();
  return schedule.ends();
}

}  // namespace engine::run
