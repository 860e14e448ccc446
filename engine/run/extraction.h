#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "run/id_maps.h"
#include "run/job.h"
#include "run/rejects.h"
#include "run/running_check.h"
#include "stages/transform.h"

namespace engine::run {

/// The rows of one table as they come from its source, transformed, without those that checks
/// reject: checks of the source's rows and the map of new ids are done on the way. One thread.
class Extraction {
 public:
  Extraction(Job& job, std::size_t table);

  /// The next rows, at least one; false at the end, when the counts are complete. E426 when two
  /// source keys were given one id.
  bool next(data::Batch& staged);
  /// Rejects a row of the batch that next() gave last, before the next call and before drop().
  void reject(std::uint32_t row, const Rejection& why) { current_->reject(kept_[row], why); }
  /// Where the rows of that batch come from: the source's columns that make up their keys, and in
  /// a last column their numbers as read, from 1.
  data::Batch origins() const;
  /// Takes the rejected rows out of that batch.
  void drop(data::Batch& staged) { current_->drop(staged, kept_); }

  const std::shared_ptr<const data::Schema>& schema() const { return transform_.schema(); }
  const stages::TransformCounts& counts() const { return transform_.counts(); }
  std::vector<RunningCheck>& source_checks() { return source_checks_; }
  /// Of the rows in flight, those that reject.
  std::vector<RunningCheck>& rejecting_checks() { return rejecting_; }
  Rejects& rejects() { return rejects_; }

 private:
  data::Batch transform();
  void judge_source();
  void judge_staged(const data::Batch& staged);
  void report(bool finished);

  Job& job_;
  std::size_t at_;
  const compile::BoundTable& table_;
  stages::Transform transform_;
  std::vector<RunningCheck> source_checks_, rejecting_;
  Rejects rejects_;
  IdMapping ids_;
  std::unique_ptr<connect::Source> source_;
  // The batch in hand: as read, which of its rows were staged, and which are rejected.
  data::Batch batch_;
  std::vector<std::uint32_t> kept_;
  std::int64_t first_row_ = 0;  ///< rows read before it
  std::optional<BatchRejects> current_;
  double started_;
  std::int64_t expected_;  ///< rows the last run read; -1: not known
};

}  // namespace engine::run
