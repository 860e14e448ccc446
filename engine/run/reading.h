#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "data/batch.h"
#include "run/extraction.h"
#include "run/job.h"
#include "run/resolving.h"
#include "run/row_queue.h"
#include "run/running_check.h"
#include "run/settling.h"
#include "stages/check.h"
#include "state/block_file.h"

namespace engine::run {

/// The first half of a table's pipeline, on a thread of its own: extract, transform, references
/// and checks of the rows in flight. Ends in a bounded queue.
class Reading {
 public:
  Reading(Job& job, std::size_t table);
  ~Reading();
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  RowQueue& rows() { return queue_; }
  /// After the queue's end: the thread has ended; counts and checks are complete.
  void join();
  const stages::TransformCounts& counts() const { return extraction().counts(); }
  std::vector<RunningCheck>& source_checks() { return extraction().source_checks(); }
  std::vector<RunningCheck>& flight_checks() { return flight_checks_; }
  /// As BoundTable::references; without a check where orphans go away.
  std::vector<RunningCheck>& references() { return references_; }
  const Resolution& resolution() const { return resolution_; }
  std::vector<RunningCheck>& rejecting_checks() { return extraction().rejecting_checks(); }
  Rejects& rejects() { return extraction().rejects(); }

 private:
  void run();
  void run_settled();
  void pass(data::Batch staged);
  void keep(const data::Batch& staged);
  void look_at(const data::Batch& rows);
  Extraction& extraction() { return settled_ ? settled_->extraction() : *extraction_; }
  const Extraction& extraction() const { return settled_ ? settled_->extraction() : *extraction_; }

  Job& job_;
  const compile::BoundTable& table_;
  std::shared_ptr<Settled> settled_;        ///< its rows, instead of the source's
  std::unique_ptr<Extraction> extraction_;  ///< without `settled_`
  std::optional<Resolving> resolving_;      ///< without `settled_`
  Resolution resolution_;
  std::vector<RunningCheck> flight_checks_, references_;
  std::shared_ptr<state::KeySpool> keys_;  ///< of this run's rows, for published checks
  std::optional<stages::KeyCollector> run_keys_;
  std::unique_ptr<state::BlockWriter> kept_;  ///< where the run keeps transformed rows
  std::vector<std::shared_ptr<stages::ReconciledSide>> reconciled_;
  RowQueue queue_;
  std::thread thread_;
};

}  // namespace engine::run
