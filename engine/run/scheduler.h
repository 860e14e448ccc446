#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "run/stop.h"

namespace engine::run {

/// One piece of work for the scheduler. `tokens` are names of things of which only so many pieces
/// may hold one at once (a connection's readers).
struct Task {
  std::vector<std::size_t> after;  ///< tasks that must have succeeded
  std::vector<std::string> tokens;
  double weight = 1;  ///< how long it may take, in any unit: longest remaining path goes first
  std::function<bool()> work;  ///< true: succeeded. Must not throw.
};

struct Limits {
  std::size_t workers = 4;
  std::function<std::size_t(const std::string& token)> capacity;
};

enum class TaskEnd { kSucceeded, kFailed, kNotRun };

/// Runs tasks on worker threads along their edges, never by levels. A failed task leaves those that
/// wait for it undone (kNotRun); the others go on, so that one report shows everything. After a
/// stop nothing new starts. Returns when no task runs any more.
std::vector<TaskEnd> run_tasks(const std::vector<Task>& tasks, const Limits& limits,
                               const Stop& stop);

}  // namespace engine::run
