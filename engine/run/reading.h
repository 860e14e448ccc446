#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "data/batch.h"
#include "run/job.h"
#include "run/row_queue.h"
#include "stages/check.h"
#include "stages/transform.h"

namespace engine::run {

/// A check while its table runs, with what the plan says of it.
struct RunningCheck {
  const stages::BoundCheck* bound = nullptr;
  std::unique_ptr<stages::Check> check;
};
std::vector<RunningCheck> make_checks(const std::vector<stages::BoundCheck>& bound,
                                      const stages::CheckRuntime& runtime);

/// The first half of a table's pipeline, on a thread of its own: extract, transform, checks of the
/// source's rows and of the rows in flight. Ends in a bounded queue.
class Reading {
 public:
  Reading(Job& job, std::size_t table);
  ~Reading();
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  RowQueue& rows() { return queue_; }
  /// After the queue's end: the thread has ended; counts and checks are complete.
  void join();
  const stages::TransformCounts& counts() const { return transform_.counts(); }
  std::vector<RunningCheck>& source_checks() { return source_checks_; }
  std::vector<RunningCheck>& flight_checks() { return flight_checks_; }
  std::vector<RunningCheck>& references() { return references_; }
  /// The first rows that could not be transformed, one text each; as many as messages show.
  const std::vector<std::string>& rejects() const { return rejects_; }

 private:
  void run();
  void pass(const data::Batch& batch);
  void look_at(const data::Batch& staged);
  void note_rejects(const std::vector<data::RowError>& errors, std::int64_t first_row);
  void report(const char* stage, std::int64_t rows, bool finished);

  Job& job_;
  const compile::BoundTable& table_;
  stages::Transform transform_;
  std::vector<RunningCheck> source_checks_, flight_checks_, references_;
  std::shared_ptr<state::KeySpool> keys_;  ///< of this run's rows, for published checks
  std::optional<stages::KeyCollector> run_keys_;
  std::vector<std::string> rejects_;
  RowQueue queue_;
  double started_;
  std::int64_t expected_;  ///< rows the last run read; -1: not known
  std::thread thread_;
};

}  // namespace engine::run
